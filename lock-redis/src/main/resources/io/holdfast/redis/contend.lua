-- Takes a place, and the lock when it is free: ID RETENTION LEASE WALL CHANNEL SECRET LABEL ENQUEUE RELEASING-ID RELEASING-TOKEN
-- -> "granted TOKEN RELEASED", "waiting PLACE MILLISECONDS RELEASED", "busy RELEASED" or "undone RELEASED"
local lease, wall, channel, secret, label = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7]
local enqueue, releasing, releasing_token = ARGV[8] == '1', ARGV[9], ARGV[10]

local held = redis.call('HMGET', state, 'h', 't', 'l')
-- The usual case, in five commands and without a function: nobody holds or waits, nothing was given up, and nobody had it before but
-- an earlier contender of this session. There is nobody else to keep anything for.
local earlier = not held[3]
if not held[1] and held[3] then
  local session, number = string.match(id, '^(.*%.)(%d+)$')
  local last = session and string.sub(held[3], 1, #session) == session and tonumber(string.sub(held[3], #session + 1))
  earlier = last and last < tonumber(number)
end
local alone = not held[1] and redis.call('EXISTS', line, undone) == 0
if earlier and alone then
  local clock = redis.call('TIME')
  local now = clock[1] * 1000000 + clock[2]
  local token = string.format('%.0f', math.max((tonumber(held[2] or '') or 0) + 1, now))
  local marked = string.format('%.0f %s %.0f ', now + lease, ARGV[3], wall - math.floor(now / 1000))
  redis.call('HSET', state, 'h', id, 't', token, 'l', id, id, marked .. channel .. ' ' .. secret .. ' ' .. label)
  redis.call('PEXPIRE', state, math.ceil(lease / 1000) + retention)
  return 'granted ' .. token .. ' 0'
end

--SHARED--
local rest = digits(wall - math.floor(now / 1000)) .. ' ' .. channel .. ' ' .. secret .. ' ' .. label
local past = is_past(held[3], id)
if alone and past == false then
  local token = record(id, lease, rest, held[2], held[3])
  redis.call('PEXPIRE', state, digits(math.ceil(lease / 1000) + retention))
  return 'granted ' .. token .. ' 0'
end
local e = {deadline = now + lease, lease = lease, rest = rest}
local released = ' 0'
if releasing ~= '' then
  if held[1] == releasing and held[2] == releasing_token then
    redis.call('HDEL', state, 'h', releasing)
    released = ' 1'
  end
end

local holder = settle()
if redis.call('ZSCORE', undone, id) then
  tidy()
  return answer('undone' .. released)
end
-- A copy of a request that was answered before.
if holder == id then
  return answer('granted ' .. redis.call('HGET', state, 't') .. released)
end
if redis.call('ZSCORE', line, id) then
  return answer(waiting() .. released)
end
-- Its grant was given back or ended, or it gave up: this is a copy too, or was overtaken by a later one of its session.
if past then
  tidy()
  return answer('undone' .. released)
end

local last = not holder and redis.call('ZRANGE', line, -1, -1, 'WITHSCORES')
if not holder and #last == 0 then
  local token = grant(id, e)
  -- It may be a copy of a request that is forgotten here. Then its client, which knows that, gives the grant back.
  if past == nil then
    tell(e, 'granted', id, token)
  end
  return answer('granted ' .. token .. released)
end
if not enqueue then
  return answer('busy' .. released)
end
last = last or redis.call('ZRANGE', line, -1, -1, 'WITHSCORES')
write(id, e)
redis.call('ZADD', line, digits((tonumber(last[2] or '') or 0) + 1), id)
keep(e)
return answer(waiting() .. released)
