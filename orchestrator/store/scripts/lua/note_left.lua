-- Keep what is known of an attempt after its end, while its run is kept.
--
-- KEYS run
-- ARGS note
-- Returns 1, or 0 when the run is gone
if redis.call("EXISTS", run) == 0 then return 0 end
local before = redis.call("HGET", run, "left")
redis.call("HSET", run, "left", before and before .. " " .. note or note)
return 1
