-- Sends the oldest dead letters again, with a fresh count of receives; answers how many.
local dead, stream = unpack(KEYS)
local bell, queue, most = ARGV[1], ARGV[2], ARGV[3]
local RECEIVES = 10

local letters = redis.call('XRANGE', dead, '-', '+', 'COUNT', most)
for _, letter in ipairs(letters) do
    letter[2][RECEIVES] = 0
    redis.call('XADD', stream, '*', unpack(letter[2]))
    redis.call('XDEL', dead, letter[1])
end
redis.call('PUBLISH', bell, queue)
return #letters
