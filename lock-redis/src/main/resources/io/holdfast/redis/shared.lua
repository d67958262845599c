-- What the steps on one name share. It is made anew at each call, so the usual case of a step goes without it, where it can.
local MOST_PASSED_OVER, MOST_COUNTED, LONGEST_LABEL = 100, 1000, 800

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

-- Lua's own way to write a number keeps 14 digits, and a token has 16.
local function digits(number)
  return string.format('%.0f', number)
end

-- The end of a mark of liveness that begins now, and what the hash keeps of it.
local function mark(lease, rest)
  return digits(now + lease) .. ' ' .. digits(lease) .. ' ' .. rest
end

-- An id is SESSION.NUMBER, and the numbers of a session go up: with one of them granted, a request of an earlier one, or of it
-- again, is a copy or was given up. So many sessions are remembered for that, by 'l'; what it has more is not of ours.
local MOST_REMEMBERED, LONGEST_MEMORY = 16, 1000

local function remembered(last_ones)
  return string.gmatch(string.sub(last_ones or '', 1, LONGEST_MEMORY), '([^%s.]+)%.(%d+)')
end

-- Whether a contender that is not there was there before; nil when that may be forgotten.
local function is_past(last_ones, contender)
  local session, number = string.match(contender, '^(.*)%.(%d+)$')
  local sessions = 0
  for other, last in remembered(last_ones) do
    if other == session then
      return tonumber(number) <= tonumber(last)
    end
    sessions = sessions + 1
  end
  if sessions >= MOST_REMEMBERED then
    return nil
  end
  return false
end

-- What is remembered with one more, which takes the place of an earlier one of its session.
local function remember(last_ones, contender)
  local session, number = string.match(contender, '^(.*)%.(%d+)$')
  local kept = {contender}
  for other, last in remembered(last_ones) do
    if other == session then
      kept[1] = session .. '.' .. digits(math.max(tonumber(number), tonumber(last)))
    elseif #kept < MOST_REMEMBERED then
      kept[#kept + 1] = other .. '.' .. last
    end
  end
  return table.concat(kept, ' ')
end

-- Gives the lock. LAST, LAST_ONES: the token that was given last, and those that are remembered, as the hash has them.
local function record(contender, lease, rest, last, last_ones)
  local token = digits(math.max((tonumber(last or '') or 0) + 1, now))
  local kept = remember(last_ones, contender)
  redis.call('HSET', state, 'h', contender, 't', token, 'l', kept, contender, mark(lease, rest))
  return token
end

-- Nobody is left: only the token and what is remembered are kept, for their time.
local function keep_token()
  redis.call('PEXPIRE', state, retention)
end

local function entry(contender)
  local stored = redis.call('HGET', state, contender)
  local deadline, lease, rest = string.match(stored or '', '^(%d+) (%d+) (.*)$')
  if not deadline then
    return nil
  end
  return {deadline = tonumber(deadline), lease = tonumber(lease), rest = rest}
end

local function write(contender, e)
  redis.call('HSET', state, contender, digits(e.deadline) .. ' ' .. digits(e.lease) .. ' ' .. e.rest)
end

-- Keeps both keys for as long as somebody may be in them, and the token for its time after that.
local function keep(e)
  local wanted = math.ceil(e.lease / 1000) + retention
  for _, key in ipairs({state, line}) do
    if redis.call('PTTL', key) < wanted then
      redis.call('PEXPIRE', key, digits(wanted))
    end
  end
end

-- The entry of a contender whose mark has not lapsed. One further away than a lease was written before the clock was set back.
local function living(contender)
  local e = entry(contender)
  if not e or e.deadline <= now then
    return nil
  end
  if e.deadline > now + e.lease then
    e.deadline = now + e.lease
    write(contender, e)
  end
  return e
end

local messages = {}

-- Whoever may publish can say anything on a channel. Only who can read the entry can make the proof at the end: it is of this
-- word, contender, token and name, and the secret itself is never sent.
local function tell(e, word, contender, token)
  local channel, secret = string.match(e.rest, '^%S+ (%S+) (%S+)')
  local message = word .. ' ' .. contender .. ' ' .. token .. ' ' .. state
  messages[#messages + 1] = {channel or '', message .. ' ' .. redis.sha1hex(message .. ' ' .. (secret or ''))}
end

local function grant(contender, e)
  local kept = redis.call('HMGET', state, 't', 'l')
  local token = record(contender, e.lease, e.rest, kept[1], kept[2])
  keep(e)
  return token
end

-- Gives a lock that nobody holds to the first in line that lives, and says who that is; else, whether the line is empty.
local function pass_on()
  for _ = 1, MOST_PASSED_OVER do
    local first = redis.call('ZRANGE', line, 0, 0)[1]
    if not first then
      return nil, true
    end
    local e = living(first)
    redis.call('ZREM', line, first)
    if e then
      local token = grant(first, e)
      if first ~= id then
        tell(e, 'granted', first, token)
      end
      return first
    end
    redis.call('HDEL', state, first)
  end
  return nil, false
end

-- Who holds now; a holder whose lease has passed holds no more.
local function settle()
  local holder = redis.call('HGET', state, 'h')
  if holder then
    if living(holder) then
      return holder
    end
    redis.call('HDEL', state, 'h', holder)
  end
  return (pass_on())
end

-- Waits: its place in line from 0, and the milliseconds until it could move up without a release.
local function waiting()
  local rank = redis.call('ZRANK', line, id)
  local before = rank > 0 and redis.call('ZRANGE', line, rank - 1, rank - 1)[1]
  local holder = redis.call('HGET', state, 'h')
  local moves = now
  for _, contender in ipairs({before or '', holder or ''}) do
    local e = entry(contender)
    if e and e.deadline > moves then
      moves = e.deadline
    end
  end
  return 'waiting ' .. rank .. ' ' .. digits(math.ceil((moves - now) / 1000))
end

-- The end of a step after which nobody may be left.
local function tidy()
  if redis.call('HEXISTS', state, 'h') == 0 and redis.call('EXISTS', line) == 0 then
    keep_token()
  end
end

-- How many of those in line live. Of more than a thousand the others count without a look, which would hold up the server.
local function count_living(shown)
  local waiters = redis.call('ZRANGE', shown .. ':line', 0, MOST_COUNTED - 1)
  local count = math.max(0, redis.call('ZCARD', shown .. ':line') - MOST_COUNTED)
  for _, stored in ipairs(#waiters > 0 and redis.call('HMGET', shown, unpack(waiters)) or {}) do
    local deadline = string.match(stored or '', '^(%d+) %d+ ')
    if deadline and tonumber(deadline) > now then
      count = count + 1
    end
  end
  return count
end

-- What a name's keys show of it, without writing.
-- -> "held TOKEN SINCE CONTENDERS LABEL" or "free CONTENDERS"; SINCE is in milliseconds of the holder's wall clock
local function describe(shown)
  local waiters = count_living(shown)
  local held = redis.call('HMGET', shown, 'h', 't')
  local stored = held[1] and redis.call('HGET', shown, held[1])
  local deadline, offset, label = string.match(stored or '', '^(%d+) %d+ (%S+) %S+ %S+ (.*)$')
  if not deadline or tonumber(deadline) <= now then
    return 'free ' .. waiters
  end
  -- A token is the time of its grant, or a little more.
  local since = math.floor(tonumber(held[2]) / 1000) + tonumber(offset)
  return 'held ' .. held[2] .. ' ' .. digits(since) .. ' ' .. (waiters + 1) .. ' ' .. string.sub(label, 1, LONGEST_LABEL)
end

local function answer(reply)
  for _, m in ipairs(messages) do
    redis.pcall('PUBLISH', m[1], m[2])
  end
  return reply
end
