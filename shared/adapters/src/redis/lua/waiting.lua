-- Answers how many messages are ready, in flight, delayed and dead.
local stream, later, dead, paused = unpack(KEYS)
local visibility = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local pending = redis.call('XPENDING', stream, 'workers')[1]
local back, held = 0, 0
if pending > 0 then
    back = #redis.call('XPENDING', stream, 'workers', 'IDLE', visibility, '-', '+', pending)
    if redis.call('EXISTS', paused) == 1 then
        held = #redis.call('XPENDING', stream, 'workers', '-', '+', pending, 'retry')
    end
end
local due = redis.call('ZCOUNT', later, '-inf', now)
return {
    redis.call('XLEN', stream) - pending + back - held + due,
    pending - back,
    redis.call('ZCARD', later) - due + held,
    redis.call('XLEN', dead),
}
