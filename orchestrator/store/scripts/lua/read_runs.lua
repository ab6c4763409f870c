-- One field of many runs, at once.
--
-- KEYS *runs
-- ARGS field
-- Returns its value for each of them, nil for one that is not there
local answer = {}
for number, run in ipairs(runs) do
  answer[number] = redis.call("HGET", run, field)
end
return answer
