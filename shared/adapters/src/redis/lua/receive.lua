-- Gives out messages: first those that came back, then new ones. Answers in how many milliseconds to look again (-1:
-- not known), and each message as {receipt, receives, fields}.
local stream, later, dead, paused = unpack(KEYS)
local fifo, visibility = ARGV[1] == '1', tonumber(ARGV[2])
local max_receives, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local RECEIVES = 10

-- What was delayed, and is due by now, goes into the stream.
for _, packed in ipairs(redis.call('ZRANGE', later, '-inf', now, 'BYSCORE', 'LIMIT', 0, 100)) do
    local entry = cmsgpack.unpack(packed)[2]
    local worn_out = tonumber(entry[RECEIVES]) >= max_receives
    redis.call('XADD', worn_out and dead or stream, '*', unpack(entry))
    redis.call('ZREM', later, packed)
end

if fifo then
    local hidden = redis.call('PTTL', paused)
    for _, pending in ipairs(redis.call('XPENDING', stream, 'workers', '-', '+', 1000)) do
        hidden = math.max(hidden, visibility - pending[3])
    end
    if hidden > 0 then
        return { hidden, {} }
    end
end

local given = {}
local function give(number, deliveries, entry, before)
    given[#given + 1] = { number .. '.' .. deliveries, before + 1, entry }
end

while #given < most do
    local back = redis.call('XPENDING', stream, 'workers', 'IDLE', visibility, '-', '+', most - #given)
    if #back == 0 then
        break
    end
    for _, pending in ipairs(back) do
        local number, deliveries = pending[1], pending[4]
        local found = redis.call('XRANGE', stream, number, number)[1]
        local before = found and found[2][RECEIVES] + deliveries
        if found and before < max_receives then
            redis.call('XCLAIM', stream, 'workers', 'worker', 0, number)
            give(number, deliveries + 1, found[2], before)
        else
            if found then
                found[2][RECEIVES] = before
                redis.call('XADD', dead, '*', unpack(found[2]))
                redis.call('XDEL', stream, number)
            end
            redis.call('XACK', stream, 'workers', number)
        end
    end
end

if #given < most then
    local new = redis.call('XREADGROUP', 'GROUP', 'workers', 'worker', 'COUNT', most - #given, 'STREAMS', stream, '>')
    for _, entry in ipairs(new and new[1][2] or {}) do
        give(entry[1], 1, entry[2], tonumber(entry[2][RECEIVES]))
    end
end

local due = redis.call('ZRANGE', later, 0, 0, 'WITHSCORES')[2]
return { due and math.max(due - now, 0) or -1, given }
