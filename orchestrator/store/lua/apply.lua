-- Change a run, if it is still as the decision saw it; its queue entry, timer and feed entry change with it.
--
-- KEYS  1 run  2 queue  3 timers  4 active  5 cascade  6 feed  7 lease  8 the root run  9 finished trees  10 the day's counts
--       11.. pairs of an index to leave and one to enter
-- ARGV  1 expected status  2 expected attempt  3 expected fence
--       4 new status  5 new attempt  6 new fence  7 doc
--       8 id  9 queue member  10 queue score ("" = not queued)  11 due ms ("" = no timer)  12 "1" = active
--       13 cascade entry ("" = none)  14 feed length  15 feed payload  16 "1" = 17 is the result  17 result
--       18 the scheduler's lease token ("" = not the scheduler)  19 the root's id  20 when the run ended, ms ("" = it did not)
--       21 what to count its end as  22 how long counts are kept, s
-- Returns 1, or 0 when the run has moved on, or -1 when another holds the lease: then nothing was changed
if ARGV[18] ~= "" and redis.call("HGET", KEYS[7], "token") ~= ARGV[18] then
  return -1
end
local now = redis.call("HMGET", KEYS[1], "status", "attempt", "fence")
if now[1] ~= ARGV[1] or now[2] ~= ARGV[2] or now[3] ~= ARGV[3] then
  return 0
end
redis.call("HSET", KEYS[1], "status", ARGV[4], "attempt", ARGV[5], "fence", ARGV[6], "doc", ARGV[7])
if ARGV[16] == "1" then
  redis.call("HSET", KEYS[1], "result", ARGV[17])
end
if ARGV[10] ~= "" then
  redis.call("ZADD", KEYS[2], ARGV[10], ARGV[9])
else
  redis.call("ZREM", KEYS[2], ARGV[9])
end
if ARGV[11] ~= "" then
  redis.call("ZADD", KEYS[3], ARGV[11], ARGV[8])
else
  redis.call("ZREM", KEYS[3], ARGV[8])
end
if ARGV[12] == "1" then
  redis.call("SADD", KEYS[4], ARGV[8])
else
  redis.call("SREM", KEYS[4], ARGV[8])
end
if ARGV[13] ~= "" then
  redis.call("SADD", KEYS[5], ARGV[13])
end
for i = 11, #KEYS, 2 do
  redis.call("ZREM", KEYS[i], ARGV[8])
  redis.call("ZADD", KEYS[i + 1], 0, ARGV[8])
end
-- A terminal run never changes, so each leaves its tree once; a finished tree never grows, for children need a running parent.
if ARGV[20] ~= "" and redis.call("EXISTS", KEYS[8]) == 1 and redis.call("HINCRBY", KEYS[8], "unfinished", -1) == 0 then
  redis.call("ZADD", KEYS[9], ARGV[20], ARGV[19])
end
if ARGV[20] ~= "" then
  redis.call("HINCRBY", KEYS[10], ARGV[21], 1)
  redis.call("EXPIRE", KEYS[10], ARGV[22])
end
redis.call("XADD", KEYS[6], "MAXLEN", "~", ARGV[14], "*", "e", ARGV[15])
return 1
