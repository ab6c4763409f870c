-- Remove a version that no unfinished run needs and that does not serve.
--
-- KEYS  1 version  2 its archive  3 its log  4 versions  5 versions of the workflow  6 retired versions  7 the workflow  8 lease
--       9.. the indexes of the version's unfinished runs
-- ARGV  1 id  2 now, ms  3 how long to remember that it is retired, ms  4 the scheduler's lease token ("" = not the scheduler)
-- Returns 1, or 0 when it is needed or serves, or -1 when another holds the lease
if ARGV[4] ~= "" and redis.call("HGET", KEYS[8], "token") ~= ARGV[4] then
  return -1
end
for i = 9, #KEYS do
  if redis.call("EXISTS", KEYS[i]) == 1 then return 0 end
end
local workflow = redis.call("GET", KEYS[7])
if workflow and cjson.decode(workflow).version_id == ARGV[1] then
  return 0
end
redis.call("ZREMRANGEBYSCORE", KEYS[6], "-inf", ARGV[2] - ARGV[3])
redis.call("ZADD", KEYS[6], ARGV[2], ARGV[1])
redis.call("ZREM", KEYS[4], ARGV[1])
redis.call("ZREM", KEYS[5], ARGV[1])
redis.call("DEL", KEYS[1], KEYS[2], KEYS[3])
return 1
