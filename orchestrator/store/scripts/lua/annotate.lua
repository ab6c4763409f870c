-- Keep what a running attempt says of its run, beside the run's document, whose state it never changes; the feed tells of it.
--
-- KEYS run, feed, lease, *tagged
-- ARGS run_id, attempt, fence, lease_token?, tags?, metadata?, progress?, feed_entry, feed_row, feed_maxlen
-- Returns 1, or 0 when the attempt is over, or -1 when another holds the lease: then nothing was changed
if lease_token and redis.call("HGET", lease, "token") ~= lease_token then
  return -1
end
local now = redis.call("HMGET", run, "status", "attempt", "fence")
if (now[1] ~= "running" and now[1] ~= "stopping") or now[2] ~= attempt or now[3] ~= fence then
  return 0
end
if tags then redis.call("HSET", run, "tags", tags) end
if metadata then redis.call("HSET", run, "metadata", metadata) end
if progress then redis.call("HSET", run, "progress", progress) end
for _, index in ipairs(tagged) do
  redis.call("ZADD", index, 0, run_id)
end
redis.call("XADD", feed, "MAXLEN", "~", feed_maxlen, "*", "e", feed_entry, "r", feed_row, "a", "1")
return 1
