-- Takes a message out, unless another delivery of it has begun since.
local stream = KEYS[1]
local number, deliveries, bell, queue = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local pending = redis.call('XPENDING', stream, 'workers', number, number, 1)[1]
if pending and pending[4] == deliveries then
    redis.call('XACK', stream, 'workers', number)
    redis.call('XDEL', stream, number)
    redis.call('PUBLISH', bell, queue)
end
