-- Remove a run of a finished tree and all that belongs to it, the root after all others.
--
-- KEYS run, root, finished, lease, idempotency?, *indexes, *own, *descendants
-- ARGS run_id, lease_token?
-- Returns 1, or 0 when the tree is not finished or the root has descendants, or -1 when another holds the lease
if lease_token and redis.call("HGET", lease, "token") ~= lease_token then
  return -1
end
if redis.call("HGET", root, "unfinished") ~= "0" then
  return 0
end
for _, index in ipairs(descendants) do
  if redis.call("EXISTS", index) == 1 then return 0 end
end
for _, index in ipairs(indexes) do
  redis.call("ZREM", index, run_id)
end
redis.call("DEL", unpack(own))
if idempotency and redis.call("GET", idempotency) == run_id then
  redis.call("DEL", idempotency)
end
redis.call("ZREM", finished, run_id)
redis.call("DEL", run)
return 1
