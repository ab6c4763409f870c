-- Create a run, unless the same request already made one.
--
-- KEYS run, root, parent?, parent_calls?, workflow?, idempotency?, queue_length, queue_workflows, queue_trees, queue_tree,
--      timers, retired, feed, metrics, *indexes
-- ARGS run_id, root_id, workflow_id, version_id, workflow_digest?, doc, input, tags?, metadata?, call?, parent_attempt?,
--      parent_fence?, idempotency_ttl_ms, queue_member, queue_score, timer_ms?, metric, metrics_ttl_s, feed_entry, feed_row,
--      feed_maxlen, tree_limit_bytes?
-- Returns {"created" | "exists", id} or {"refused", the parent's status} or {"full", the bytes that its tree holds} or {"retired", the version} or {"outdated", the
-- workflow} when that is not as it was when the request was understood
if redis.call("EXISTS", run) == 1 then return {"created", run_id} end -- the client asks again: the answer was lost
if idempotency then
  local first = redis.call("GET", idempotency)
  if first then return {"exists", first} end
end
if workflow and redis.sha1hex(redis.call("GET", workflow) or "") ~= workflow_digest then
  return {"outdated", workflow_id}
end
if call then
  local first = redis.call("HGET", parent_calls, call)
  if first then return {"exists", first} end
  local now = redis.call("HMGET", parent, "status", "attempt", "fence")
  if now[1] ~= "running" or now[2] ~= parent_attempt or now[3] ~= parent_fence then
    return {"refused", now[1] or "missing"}
  end
  local held = redis.call("HGET", root, "held") or "0"
  if tree_limit_bytes and tonumber(held) + #input > tonumber(tree_limit_bytes) then return {"full", held} end
  redis.call("HSET", parent_calls, call, run_id)
elseif redis.call("ZSCORE", retired, version_id) then
  return {"retired", version_id}
end
redis.call("HSET", run, "status", "queued", "attempt", "-1", "fence", "0", "doc", doc, "row", feed_row, "input", input)
if tags then redis.call("HSET", run, "tags", tags) end
if metadata then redis.call("HSET", run, "metadata", metadata) end
if idempotency then
  redis.call("SET", idempotency, run_id, "PX", idempotency_ttl_ms)
  redis.call("HSET", run, "idempotency", idempotency)
end
if redis.call("EXISTS", root) == 1 then
  redis.call("HINCRBY", root, "unfinished", 1)
  redis.call("HINCRBY", root, "held", #input + 2048) -- and what any run takes: its document, its row, its places in indexes
end
if redis.call("ZADD", queue_tree, queue_score, queue_member) == 1 then
  redis.call("INCR", queue_length)
end
redis.call("ZADD", queue_trees, 0, root_id)
redis.call("SADD", queue_workflows, workflow_id)
if timer_ms then
  redis.call("ZADD", timers, timer_ms, run_id)
end
redis.call("HINCRBY", metrics, metric, 1)
redis.call("EXPIRE", metrics, metrics_ttl_s)
for _, index in ipairs(indexes) do
  redis.call("ZADD", index, 0, run_id)
end
redis.call("XADD", feed, "MAXLEN", "~", feed_maxlen, "*", "e", feed_entry, "r", feed_row)
return {"created", run_id}
