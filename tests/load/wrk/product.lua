-- One product after another, by id.
local folder = debug.getinfo(1).source:match("@(.*/)")
dofile(folder .. "report.lua")

local requests = {}
function init(args)
   for id in io.lines(os.getenv("IDS")) do
      requests[#requests + 1] = wrk.format("GET", "/api/v1/products/" .. id)
   end
end

local next = 0
function request()
   next = next % #requests + 1
   return requests[next]
end
