-- Counts one try, unless it has to wait; the same sums as tries.rs.
-- KEYS: the tries.  ARGV: the time, for how long they are remembered, then the wait after each try in a row, of which the
-- last one holds for all further; in milliseconds.
-- Answers: {1, tries in a row} or {0, milliseconds to wait}.
local now = tonumber(ARGV[1])
local known = redis.call('HMGET', KEYS[1], 'count', 'wait_until')
local left = tonumber(known[2] or now) - now
if left > 0 then
  return {0, left}
end
local count = tonumber(known[1] or 0) + 1
local wait = tonumber(ARGV[math.min(2 + count, #ARGV)])
redis.call('HSET', KEYS[1], 'count', count, 'wait_until', string.format('%.0f', now + wait))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, count}
