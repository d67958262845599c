-- Restarts a contender's lease and looks again: ID RETENTION -> "holding TOKEN", "waiting PLACE MILLISECONDS" or "gone"
-- A mark that has lapsed lives again as long as nobody has passed it over: nobody else was granted anything for it.
local e = entry(id)
if not e then
  return 'gone'
end
redis.call('PEXPIRE', state, digits(math.max(redis.call('PTTL', state), math.ceil(e.lease / 1000) + retention)))
e.deadline = now + e.lease
if redis.call('HGET', state, 'h') == id then
  write(id, e)
  return 'holding ' .. redis.call('HGET', state, 't')
end
if not redis.call('ZSCORE', line, id) then
  redis.call('HDEL', state, id)
  return 'gone'
end
write(id, e)
keep(e)
if settle() == id then
  return answer('holding ' .. redis.call('HGET', state, 't'))
end
return answer(waiting())
