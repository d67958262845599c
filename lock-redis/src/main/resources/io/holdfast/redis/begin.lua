-- Stands before each step on one name. Time is this server's, in microseconds.
--   state   a hash: h = the holder's id, t = the last token, and by id an entry for the holder and for each that waits
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

-- Gives the lock. LAST: the token that was given last, as the hash has it.
local function record(contender, lease, rest, last)
  local token = digits(math.max((tonumber(last or '') or 0) + 1, now))
  redis.call('HSET', state, 'h', contender, 't', token, contender, mark(lease, rest))
  return token
end

-- Nobody is left: only the token is kept, for its time.
local function keep_token()
  redis.call('PEXPIRE', state, retention)
end
