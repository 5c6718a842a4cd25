-- Ends a delivery that failed, unless another one has begun since. In a FIFO queue the message keeps its place and the
-- whole queue pauses; else it waits aside until it is due.
local stream, later, paused = unpack(KEYS)
local number, deliveries, bell, queue = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local fifo, visibility, wait = ARGV[5] == '1', ARGV[6], tonumber(ARGV[7])
local RECEIVES = 10

local pending = redis.call('XPENDING', stream, 'workers', number, number, 1)[1]
if not (pending and pending[4] == deliveries) then
    return
end
if fifo then
    -- As if its visibility had run out; the count of deliveries stays.
    redis.call('XCLAIM', stream, 'workers', 'retry', 0, number, 'IDLE', visibility, 'JUSTID')
    if wait > math.max(redis.call('PTTL', paused), 0) then
        redis.call('SET', paused, number, 'PX', wait)
    end
else
    local time = redis.call('TIME')
    local due = time[1] * 1000 + math.floor(time[2] / 1000) + wait
    local entry = redis.call('XRANGE', stream, number, number)[1][2]
    entry[RECEIVES] = entry[RECEIVES] + deliveries
    redis.call('ZADD', later, due, cmsgpack.pack({ number, entry }))
    redis.call('XACK', stream, 'workers', number)
    redis.call('XDEL', stream, number)
end
redis.call('PUBLISH', bell, queue)
