-- Gives a grant back, that very one, and the lock to the next: ID RETENTION TOKEN -> "1", or "0" when it was gone before
local held = redis.call('HMGET', state, 'h', 't')
if held[1] ~= id or held[2] ~= ARGV[3] then
  return '0'
end
redis.call('HDEL', state, 'h', id)
-- The usual case: nobody waits.
if redis.call('EXISTS', line) == 0 then
  redis.call('PEXPIRE', state, retention)
  return '1'
end

--SHARED--
local _, empty = pass_on()
if empty then
  keep_token()
end
return answer('1')
