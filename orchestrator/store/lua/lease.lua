-- Take the lease, or keep it.
--
-- KEYS  1 lease
-- ARGV  1 owner  2 the token we hold ("" = none)  3 the beat that did not change for a whole lease ("" = none)
-- Returns {1, token, beat, owner} when it is ours now, else {0, token, beat, owner} of the one whose it is
local function answer(is_ours)
  local now = redis.call("HMGET", KEYS[1], "token", "beat", "owner")
  return { is_ours, now[1] or "0", now[2] or "0", now[3] or "" }
end
local now = redis.call("HMGET", KEYS[1], "token", "beat", "owner")
if ARGV[2] ~= "" then
  if now[1] ~= ARGV[2] or now[3] ~= ARGV[1] then return answer(0) end
else
  if now[3] and now[3] ~= ARGV[1] and now[2] ~= ARGV[3] then return answer(0) end
  redis.call("HINCRBY", KEYS[1], "token", 1)
  redis.call("HSET", KEYS[1], "owner", ARGV[1])
end
redis.call("HINCRBY", KEYS[1], "beat", 1)
return answer(1)
