-- One field of many runs, at once: as one text their ids are packed and sent in a tenth of the time.
--
-- ARGS run_prefix, ids, field
-- Returns its value for each of the ids, which are parted by spaces; nil for a run that is not there
local answer, count = {}, 0
for id in string.gmatch(ids, "%S+") do
  count = count + 1
  answer[count] = redis.call("HGET", run_prefix .. id, field)
end
return answer
