-- What wrk asks: the requests of BENCH_PLAN in turn, or the edits of its connection, each with the version it last heard.
-- Prints the latencies as one line of JSON after "FIGURES".

local plan = dofile(os.getenv("BENCH_PLAN"))
local threads = {}

function setup(thread)
  thread:set("number", #threads + 1)
  table.insert(threads, thread)
end

local turn, count = 0, 0
unsaved = 0

local function edits(writer)
  count = count + 1
  local parts = {}
  for place, cell in ipairs(writer.cells) do
    parts[place] = string.format(
      '{"key":"%s-%d-%d","work":%d,"student":%d,"version":%.0f,"value":"%d"}',
      writer.key, count, place, cell.work, cell.student, cell.version, 2 + (count + place) % 4)
  end
  return '{"edits":[' .. table.concat(parts, ",") .. "]}"
end

function request()
  if plan.writers then
    local writer = plan.writers[number]
    local body = writer.form and string.format(writer.form, 2 + turn % 4) or edits(writer)
    turn = turn + 1
    return wrk.format("POST", writer.path, writer.headers, body)
  end
  turn = turn % #plan.requests + 1
  local one = plan.requests[turn]
  return wrk.format("GET", one.path, one.headers)
end

if plan.writers then
  function response(status, _headers, body)
    local writer = plan.writers[number]
    local place = 0
    if writer.cells then
      for version in string.gmatch(body, '"version": ?(%d+)') do
        place = place + 1
        writer.cells[place].version = tonumber(version)
      end
      local _, saved = string.gsub(body, '"status": ?"saved"', "")
      -- The first is told which versions stand there, where a load before ended with a request in hand.
      if status ~= 200 or (saved ~= #writer.cells and count > 1) then unsaved = unsaved + 1 end
    elseif status ~= 200 then
      unsaved = unsaved + 1
    end
  end
end

function done(summary, latency, _requests)
  local lost = 0
  for _, thread in ipairs(threads) do lost = lost + (thread:get("unsaved") or 0) end
  local errors = summary.errors
  io.write(string.format(
    'FIGURES {"requests": %d, "microseconds": %d, "p50": %.0f, "p99": %.0f, "failed": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    lost + errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
