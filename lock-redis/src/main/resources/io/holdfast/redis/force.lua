-- Removes the holder, whoever it is: ID RETENTION TOKEN -> "released", "free" or "moved"; an empty TOKEN stands for any
local holder = settle()
if not holder then
  tidy()
  return answer('free')
end
if ARGV[3] ~= '' and redis.call('HGET', state, 't') ~= ARGV[3] then
  return answer('moved')
end
local token = redis.call('HGET', state, 't')
tell(entry(holder), 'forced', holder, token)
redis.call('HDEL', state, 'h', holder)
if not pass_on() then
  tidy()
end
return answer('released')
