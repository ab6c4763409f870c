-- Add a root to its index, unless it has changed since it was read: a change adds it itself.
--
-- KEYS run, index
-- ARGS run_id, status
-- Returns 1, or 0 when it has changed
if redis.call("HGET", run, "status") ~= status then return 0 end
redis.call("ZADD", index, 0, run_id)
return 1
