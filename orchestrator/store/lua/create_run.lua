-- Create a run, unless the same request already made one.
--
-- KEYS  1 run  2 queue  3 feed  4 the root run  5 the parent run ("" for a root)  6 the parent's calls ("")
--       7 idempotency key ("")  8 timers  9 retired versions  10 the day's counts
--       11.. the indexes to enter it in
-- ARGV  1 id  2 doc  3 input  4 queue member  5 queue score  6 feed length  7 feed payload  8 idempotency ttl, ms
--       9 call field "attempt:number" ("" for a root)  10 the parent's attempt  11 the parent's fence
--       12 end of its limits, ms ("" = none)  13 its version  14 what to count it as  15 how long counts are kept, s
-- Returns {"created" | "exists", id} or {"refused", the parent's status} or {"retired", the version}
local id = ARGV[1]
if redis.call("EXISTS", KEYS[1]) == 1 then return {"created", id} end -- the client asks again: the answer was lost
if KEYS[7] ~= "" then
  local first = redis.call("GET", KEYS[7])
  if first then return {"exists", first} end
end
if ARGV[9] ~= "" then
  local first = redis.call("HGET", KEYS[6], ARGV[9])
  if first then return {"exists", first} end
  local parent = redis.call("HMGET", KEYS[5], "status", "attempt", "fence")
  if parent[1] ~= "running" or parent[2] ~= ARGV[10] or parent[3] ~= ARGV[11] then
    return {"refused", parent[1] or "missing"}
  end
  redis.call("HSET", KEYS[6], ARGV[9], id)
elseif redis.call("ZSCORE", KEYS[9], ARGV[13]) then
  return {"retired", ARGV[13]}
end
redis.call("HSET", KEYS[1], "status", "queued", "attempt", "-1", "fence", "0", "doc", ARGV[2], "input", ARGV[3])
if KEYS[7] ~= "" then
  redis.call("SET", KEYS[7], id, "PX", ARGV[8])
  redis.call("HSET", KEYS[1], "idempotency", KEYS[7])
end
if redis.call("EXISTS", KEYS[4]) == 1 then
  redis.call("HINCRBY", KEYS[4], "unfinished", 1)
end
redis.call("ZADD", KEYS[2], ARGV[5], ARGV[4])
if ARGV[12] ~= "" then
  redis.call("ZADD", KEYS[8], ARGV[12], id)
end
redis.call("HINCRBY", KEYS[10], ARGV[14], 1)
redis.call("EXPIRE", KEYS[10], ARGV[15])
for i = 11, #KEYS do
  redis.call("ZADD", KEYS[i], 0, id)
end
redis.call("XADD", KEYS[3], "MAXLEN", "~", ARGV[6], "*", "e", ARGV[7])
return {"created", id}
