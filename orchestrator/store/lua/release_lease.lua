-- Give the lease back, unless it is another's by now; its token stays, for the next one's must be greater.
--
-- KEYS  1 lease
-- ARGV  1 token
if redis.call("HGET", KEYS[1], "token") == ARGV[1] then
  redis.call("HDEL", KEYS[1], "owner")
end
