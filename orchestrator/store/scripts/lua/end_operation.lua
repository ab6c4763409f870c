-- Close an operation that is under way, and forget which runs it was about.
--
-- KEYS operation, runs, open
-- ARGS operation_id, status, ended_at_ms
-- Returns 1, or 0 when it is over already
if redis.call("HGET", operation, "status") ~= "running" then return 0 end
redis.call("HSET", operation, "status", status, "ended_at_ms", ended_at_ms)
redis.call("ZREM", open, operation_id)
redis.call("DEL", runs)
return 1
