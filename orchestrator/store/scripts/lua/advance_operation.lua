-- Count one run of an operation, unless another has counted it, or the operation was stopped.
--
-- KEYS operation, lease
-- ARGS lease_token?, position, outcome, error?
-- Returns 1, or 0 when the operation has moved on or is over, or -1 when another holds the lease: then nothing was changed
if lease_token and redis.call("HGET", lease, "token") ~= lease_token then
  return -1
end
local now = redis.call("HMGET", operation, "status", "done", "failed")
if now[1] ~= "running" or tonumber(now[2]) + tonumber(now[3]) ~= tonumber(position) then
  return 0
end
redis.call("HINCRBY", operation, outcome, 1)
if error then redis.call("HSET", operation, "error", error) end
return 1
