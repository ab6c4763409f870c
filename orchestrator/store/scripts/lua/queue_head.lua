-- The runs that may start next: of each workflow the first runs of its oldest trees, and of those trees that hold something.
-- Runs of paused tasks that are met are set aside, so that they hide no others; they go back when their task is not paused any more.
--
-- KEYS workflows, paused, asides
-- ARGS trees_prefix, tree_prefix, aside_prefix, count, most_moves, holding?
-- Returns {how many were moved, {paused ids}, {{workflow, root, {member, score, …}}, …}}; a workflow with few trees gives more runs
-- of each. Ask again when as many were moved as may be: there may be more.
count, most_moves = tonumber(count), tonumber(most_moves)
local moved, is_paused, paused_ids = 0, {}, redis.call("HKEYS", paused)
for _, id in ipairs(paused_ids) do is_paused[id] = true end

local function put_back(task)
  local aside = aside_prefix .. task
  local found = redis.call("ZRANGE", aside, 0, most_moves - moved - 1, "WITHSCORES")
  for index = 1, #found, 2 do
    local member, root, workflow = string.match(found[index], "^(.*) (%S+) (%S+)$")
    redis.call("ZREM", aside, found[index])
    redis.call("ZADD", tree_prefix .. root, found[index + 1], member)
    redis.call("ZADD", trees_prefix .. workflow, 0, root)
    redis.call("SADD", workflows, workflow)
  end
  moved = moved + #found / 2
  if redis.call("EXISTS", aside) == 0 then redis.call("SREM", asides, task) end
end

local function set_aside(task, workflow, root, member, score)
  redis.call("ZREM", tree_prefix .. root, member)
  redis.call("ZADD", aside_prefix .. task, score, member .. " " .. root .. " " .. workflow)
  redis.call("SADD", asides, task)
  moved = moved + 1
end

-- The first runs of a tree that are not paused; what is set aside before them makes room for more.
local function first_runs(workflow, root, most)
  local tree, kept = tree_prefix .. root, {}
  while #kept / 2 < most do
    local found = redis.call("ZRANGE", tree, #kept / 2, most - 1, "WITHSCORES")
    local before = moved
    for index = 1, #found, 2 do
      local task = #paused_ids > 0 and string.match(found[index], "^%S+ %S+ (%S+)")
      if not is_paused[task] then
        kept[#kept + 1], kept[#kept + 2] = found[index], found[index + 1]
      elseif moved < most_moves then
        set_aside(task, workflow, root, found[index], found[index + 1])
      else
        return kept
      end
    end
    if moved == before then break end
  end
  return kept
end

-- The oldest trees of a workflow, younger ones instead of those that were set aside as a whole.
local function trees_of(workflow)
  local trees, rows, done = trees_prefix .. workflow, {}, {}
  local function look(root, most)
    done[root] = true
    local runs = first_runs(workflow, root, most)
    if redis.call("EXISTS", tree_prefix .. root) == 0 then redis.call("ZREM", trees, root) end
    if #runs > 0 then rows[#rows + 1] = {workflow, root, runs} end
  end
  local before
  repeat
    before = moved
    local roots = redis.call("ZRANGE", trees, 0, count - 1)
    local is_old = {}
    for _, root in ipairs(roots) do is_old[root] = true end
    if holding and #roots == count then
      for root in string.gmatch(holding, "%S+") do
        if not is_old[root] and redis.call("ZSCORE", trees, root) then roots[#roots + 1] = root end
      end
    end
    local most = math.max(4, math.floor(count / math.max(1, #roots)))
    for _, root in ipairs(roots) do
      if not done[root] then look(root, most) end
    end
  until moved == before or moved >= most_moves
  if redis.call("EXISTS", trees) == 0 then redis.call("SREM", workflows, workflow) end
  return rows
end

for _, task in ipairs(redis.call("SMEMBERS", asides)) do
  if not is_paused[task] and moved < most_moves then put_back(task) end
end
local answer = {}
for _, workflow in ipairs(redis.call("SMEMBERS", workflows)) do
  for _, row in ipairs(is_paused[workflow] and {} or trees_of(workflow)) do answer[#answer + 1] = row end
end
return {moved, paused_ids, answer}
