-- Remove a version that no unfinished run needs and that does not serve.
--
-- KEYS version, archive, logs, usage, versions, versions_of_workflow, retired, workflow, lease, *unfinished
-- ARGS version_id, now_ms, retired_ttl_ms, lease_token?
-- Returns 1, or 0 when it is needed or serves, or -1 when another holds the lease
if lease_token and redis.call("HGET", lease, "token") ~= lease_token then
  return -1
end
for _, index in ipairs(unfinished) do
  if redis.call("EXISTS", index) == 1 then return 0 end
end
local serving = redis.call("GET", workflow)
if serving and cjson.decode(serving).version_id == version_id then
  return 0
end
redis.call("ZREMRANGEBYSCORE", retired, "-inf", now_ms - retired_ttl_ms)
redis.call("ZADD", retired, now_ms, version_id)
redis.call("ZREM", versions, version_id)
redis.call("ZREM", versions_of_workflow, version_id)
redis.call("DEL", version, archive, logs, usage)
return 1
