-- The generic cell rate algorithm, in microseconds of Redis' own clock; the same sums as limiter.rs. Any number of
-- questions at once, answered in their order.
-- KEYS: of each question the limit's key, and where it asks for one, a mark.  ARGV: of each question microseconds a
-- request, microseconds of burst, and 1 where it asks for a mark.
-- Answers, of each question: 1 and requests left, or 0 and microseconds to wait; and whether the mark is there.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answers, place = {}, 0
local function answer(admitted, number, marked)
  local last = #answers
  answers[last + 1], answers[last + 2], answers[last + 3] = admitted, number, marked
end
for question = 1, #ARGV, 3 do
  local step, allowed = tonumber(ARGV[question]), tonumber(ARGV[question + 1])
  place = place + 1
  local key, marked = KEYS[place], 0
  if ARGV[question + 2] == '1' then
    place = place + 1
    marked = redis.call('EXISTS', KEYS[place])
  end
  local due = tonumber(redis.call('GET', key) or now)
  local ahead = math.max(due, now) + step - now
  if ahead > allowed then
    answer(0, ahead - allowed, marked)
  else
    redis.call('SET', key, string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000))
    answer(1, math.floor((allowed - ahead) / step), marked)
  end
end
return answers
