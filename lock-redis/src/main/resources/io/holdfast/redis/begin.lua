-- Stands before each step on one name. Time is this server's, in microseconds.
--   state   a hash: h = the holder's id, t = the last token, l = the last of each session that was granted the lock or was given
--           up, the newest first, and by id an entry for the holder and for each that waits
--   line    a sorted set: the ids that wait, by order of arrival
--   undone  a sorted set: ids that were given up while their request may still be on its way, until when they are refused
--   entry   "DEADLINE LEASE OFFSET CHANNEL SECRET LABEL": the mark of liveness; OFFSET makes the contender's wall clock of ours
-- A script that fails half-way is not rolled back. So each checks first and writes then, the first write of release, withdraw
-- and renew is one that Redis takes at maxmemory too (with it done, it takes the others), and messages come last, by pcall.
local state, line, undone = KEYS[1], KEYS[2], KEYS[3]
local id, retention = ARGV[1], tonumber(ARGV[2])
local now

local function tell_time()
  local clock = redis.call('TIME')
  now = clock[1] * 1000000 + clock[2]
end

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
