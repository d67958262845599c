-- Removes a contender, waiting or holding: ID RETENTION REFUSED -> "1"
-- REFUSED is for how long a copy of its request, should one still come, is to create nothing; 0 when none can come.
local refused = tonumber(ARGV[3])
redis.call('ZREM', line, id)
redis.call('HDEL', state, id)
if redis.call('HGET', state, 'h') == id then
  redis.call('HDEL', state, 'h')
end
redis.call('HSET', state, 'l', remember(redis.call('HGET', state, 'l'), id))
if refused > 0 then
  redis.call('ZREMRANGEBYSCORE', undone, '-inf', digits(now))
  redis.call('ZADD', undone, digits(now + refused), id)
  redis.call('PEXPIRE', undone, digits(math.max(redis.call('PTTL', undone), math.ceil(refused / 1000))))
end
if not settle() then
  tidy()
end
return answer('1')
