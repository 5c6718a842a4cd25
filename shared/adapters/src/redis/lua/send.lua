-- Stores messages: in the stream, or aside until they are due. A FIFO queue has no delays and takes each id once in
-- five minutes.
local stream, later, taken = unpack(KEYS)
local fifo, bell, queue, nonce = ARGV[1] == '1', ARGV[2], ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

if fifo then
    redis.call('ZREMRANGEBYSCORE', taken, '-inf', now - 5 * 60 * 1000)
end
for i = 5, #ARGV, 4 do
    local id, body, trace, delay = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
    local entry = { 'id', id, 'body', body, 'trace', trace, 'sent', now, 'receives', 0 }
    if fifo then
        if redis.call('ZADD', taken, 'NX', now, id) == 1 then
            redis.call('XADD', stream, '*', unpack(entry))
        end
    elseif delay > 0 then
        -- The nonce keeps two sends of one message from being one member of the set.
        redis.call('ZADD', later, now + delay, cmsgpack.pack({ nonce .. i, entry }))
    else
        redis.call('XADD', stream, '*', unpack(entry))
    end
end
redis.call('PUBLISH', bell, queue)
