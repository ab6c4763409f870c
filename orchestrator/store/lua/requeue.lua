-- Move a run from the queue of earlier releases to its place.
--
-- KEYS old_queue, queue_length, queue_workflows, queue_trees, queue_tree
-- ARGS old_member, queue_member, queue_score, root_id, workflow_id
-- Returns 1, or 0 when it was moved before
if redis.call("ZREM", old_queue, old_member) == 0 then return 0 end
if redis.call("ZADD", queue_tree, queue_score, queue_member) == 1 then
  redis.call("INCR", queue_length)
end
redis.call("ZADD", queue_trees, 0, root_id)
redis.call("SADD", queue_workflows, workflow_id)
return 1
