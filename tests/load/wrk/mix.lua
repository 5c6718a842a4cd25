-- 200 different lists and searches, one after the other.
local folder = debug.getinfo(1).source:match("@(.*/)")
dofile(folder .. "report.lua")

local categories = { "groceries", "kitchen", "fashion", "beauty", "electronics", "books", "home", "toys" }
local sorts = { "newest", "price_asc", "price_desc", "rating", "name" }
local words = {
   "atta", "rice", "dal", "kurta", "saree", "cotton", "steel", "cooker", "tea", "oil", "soap", "cream", "lamp", "book",
   "toy", "puzzle", "earbuds", "charger", "pan", "shirt",
}
local requests = {}
local function add(path)
   requests[#requests + 1] = wrk.format("GET", path)
end
function init(args)
   for _, category in ipairs(categories) do
      for _, sort in ipairs(sorts) do
         add("/api/v1/products?category=" .. category .. "&sort=" .. sort)
         add("/api/v1/products?category=" .. category .. "&in_stock=true&limit=24&sort=" .. sort)
      end
   end
   for i = 1, 40 do
      add("/api/v1/products?min_price=" .. i * 1000 .. "&max_price=" .. i * 20000)
   end
   for _, word in ipairs(words) do
      add("/api/v1/search?q=" .. word)
      add("/api/v1/search?q=" .. word .. "&sort=price_asc")
      add("/api/v1/search?q=" .. word:sub(1, 3))
      add("/api/v1/search?q=" .. word .. "&in_stock=true")
   end
end

local next = 0
function request()
   next = next % #requests + 1
   return requests[next]
end
