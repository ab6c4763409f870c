-- Remove a run of a finished tree and all that belongs to it, the root after all others.
--
-- KEYS  1 run  2 the root run  3 finished trees  4 lease  5 idempotency key ("" = none)
--       6.. the indexes the run is in, then keys of its own, then, for a root, the indexes of its descendants
-- ARGV  1 id  2 the scheduler's lease token ("" = not the scheduler)  3 how many indexes  4 how many keys of its own
-- Returns 1, or 0 when the tree is not finished or the root has descendants, or -1 when another holds the lease
if ARGV[2] ~= "" and redis.call("HGET", KEYS[4], "token") ~= ARGV[2] then
  return -1
end
local indexes_end = 5 + tonumber(ARGV[3])
local own_end = indexes_end + tonumber(ARGV[4])
if redis.call("HGET", KEYS[2], "unfinished") ~= "0" then
  return 0
end
for i = own_end + 1, #KEYS do
  if redis.call("EXISTS", KEYS[i]) == 1 then return 0 end
end
for i = 6, indexes_end do
  redis.call("ZREM", KEYS[i], ARGV[1])
end
for i = indexes_end + 1, own_end do
  redis.call("DEL", KEYS[i])
end
if KEYS[5] ~= "" and redis.call("GET", KEYS[5]) == ARGV[1] then
  redis.call("DEL", KEYS[5])
end
redis.call("ZREM", KEYS[3], ARGV[1])
redis.call("DEL", KEYS[1])
return 1
