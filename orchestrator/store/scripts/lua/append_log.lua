-- Add a batch of lines to a log, without the oldest that it has no room for; the tree it is of holds so much more, or less.
--
-- KEYS log, root?
-- ARGS count, batch, first?, dropped_bytes
-- Returns {the entry, the bytes that the tree holds}
if first then redis.call("XTRIM", log, "MINID", first) end
local entry = redis.call("XADD", log, "*", "n", count, "b", batch)
local held = 0
if root and redis.call("EXISTS", root) == 1 then held = redis.call("HINCRBY", root, "held", #batch - dropped_bytes) end
return {entry, held}
