-- Change a run, if it is still as the decision saw it; its queue entry, timer and feed entry change with it.
--
-- KEYS run, queue_length, queue_workflows, queue_trees, queue_tree, queue_aside, timers, active, cascades, feed, lease, root, finished, metrics?, *left, *entered
-- ARGS lease_token?, expected_status, expected_attempt, expected_fence,
--      run_id, root_id, workflow_id, status, attempt, fence, doc, result?, queue_member, queue_score?, timer_ms?, is_active?, cascade?,
--      ended_at_ms?, metric?, metrics_ttl_s, feed_entry, feed_row, feed_maxlen
-- Returns 1, or 0 when the run has moved on, or -1 when another holds the lease: then nothing was changed
if lease_token and redis.call("HGET", lease, "token") ~= lease_token then
  return -1
end
local now = redis.call("HMGET", run, "status", "attempt", "fence")
if now[1] ~= expected_status or now[2] ~= expected_attempt or now[3] ~= expected_fence then
  return 0
end
local grown = #doc - redis.call("HSTRLEN", run, "doc") -- each failed attempt leaves its error there
redis.call("HSET", run, "status", status, "attempt", attempt, "fence", fence, "doc", doc, "row", feed_row)
if result then
  redis.call("HSET", run, "result", result)
  grown = grown + #result
end
if redis.call("EXISTS", root) == 1 then redis.call("HINCRBY", root, "held", grown) end
if queue_score then
  if redis.call("ZADD", queue_tree, queue_score, queue_member) == 1 then
    redis.call("INCR", queue_length)
  end
  redis.call("ZADD", queue_trees, 0, root_id)
  redis.call("SADD", queue_workflows, workflow_id)
elseif redis.call("ZREM", queue_tree, queue_member) == 1 then
  if redis.call("DECR", queue_length) == 0 then redis.call("DEL", queue_length) end
  if redis.call("EXISTS", queue_tree) == 0 then
    redis.call("ZREM", queue_trees, root_id)
    if redis.call("EXISTS", queue_trees) == 0 then
      redis.call("SREM", queue_workflows, workflow_id)
    end
  end
elseif expected_status == "queued" and redis.call("ZREM", queue_aside, queue_member .. " " .. root_id .. " " .. workflow_id) == 1 then
  if redis.call("DECR", queue_length) == 0 then redis.call("DEL", queue_length) end
end
if timer_ms then
  redis.call("ZADD", timers, timer_ms, run_id)
else
  redis.call("ZREM", timers, run_id)
end
if is_active then
  redis.call("SADD", active, run_id)
else
  redis.call("SREM", active, run_id)
end
if cascade then
  redis.call("SADD", cascades, cascade)
end
for _, index in ipairs(left) do
  redis.call("ZREM", index, run_id)
end
for _, index in ipairs(entered) do
  redis.call("ZADD", index, 0, run_id)
end
-- A terminal run never changes, so each leaves its tree once; a finished tree never grows, for children need a running parent.
if ended_at_ms and redis.call("EXISTS", root) == 1 and redis.call("HINCRBY", root, "unfinished", -1) == 0 then
  redis.call("ZADD", finished, ended_at_ms, root_id)
end
if metrics then
  redis.call("HINCRBY", metrics, metric, 1)
  redis.call("EXPIRE", metrics, metrics_ttl_s)
end
redis.call("XADD", feed, "MAXLEN", "~", feed_maxlen, "*", "e", feed_entry, "r", feed_row)
return 1
