-- Give the lease back, unless it is another's by now; its token stays, for the next one's must be greater.
--
-- KEYS lease
-- ARGS token
if redis.call("HGET", lease, "token") == token then
  redis.call("HDEL", lease, "owner")
end
