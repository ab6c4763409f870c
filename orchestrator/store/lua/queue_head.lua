-- The runs that may start next: of each workflow the first runs of its oldest trees, and of those trees that hold something.
--
-- KEYS workflows
-- ARGS trees_prefix, tree_prefix, count, holding?
-- Returns {{workflow, root, {member, score, …}}, …}; a workflow with few trees gives more runs of each
local answer = {}
for _, workflow in ipairs(redis.call("SMEMBERS", workflows)) do
  local trees = trees_prefix .. workflow
  local roots = redis.call("ZRANGE", trees, 0, count - 1)
  local seen = {}
  for _, root in ipairs(roots) do seen[root] = true end
  if holding and #roots == tonumber(count) then
    for root in string.gmatch(holding, "%S+") do
      if not seen[root] and redis.call("ZSCORE", trees, root) then roots[#roots + 1] = root end
    end
  end
  local most = math.max(4, math.floor(count / math.max(1, #roots)))
  for _, root in ipairs(roots) do
    answer[#answer + 1] = {workflow, root, redis.call("ZRANGE", tree_prefix .. root, 0, most - 1, "WITHSCORES")}
  end
end
return answer
