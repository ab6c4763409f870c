-- Take the lease, or keep it: `token` is the one we hold, `silent_beat` the beat that did not change for a whole lease.
--
-- KEYS lease
-- ARGS owner, token?, silent_beat?
-- Returns {1, token, beat, owner} when it is ours now, else {0, token, beat, owner} of the one whose it is
local function answer(is_ours)
  local now = redis.call("HMGET", lease, "token", "beat", "owner")
  return { is_ours, now[1] or "0", now[2] or "0", now[3] or "" }
end
local now = redis.call("HMGET", lease, "token", "beat", "owner")
if token then
  if now[1] ~= token or now[3] ~= owner then return answer(0) end
else
  if now[3] and now[3] ~= owner and now[2] ~= silent_beat then return answer(0) end
  redis.call("HINCRBY", lease, "token", 1)
  redis.call("HSET", lease, "owner", owner)
end
redis.call("HINCRBY", lease, "beat", 1)
return answer(1)
