-- The generic cell rate algorithm, in microseconds of Redis' own clock; the same sums as limiter.rs.
-- KEYS: the limit's key, and where one is asked for, a mark.  ARGV: microseconds a request, microseconds of burst.
-- Answers: {1, requests left} or {0, microseconds to wait}, and whether the mark is there.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local step, allowed = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = tonumber(redis.call('GET', KEYS[1]) or now)
local ahead = math.max(due, now) + step - now
local marked = 0
if KEYS[2] then
  marked = redis.call('EXISTS', KEYS[2])
end
if ahead > allowed then
  return {0, ahead - allowed, marked}
end
redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000))
return {1, math.floor((allowed - ahead) / step), marked}
