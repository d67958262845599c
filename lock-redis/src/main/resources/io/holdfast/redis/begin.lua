-- Stands before each step on one name. Functions are made anew at each call, and have a cost: those of most steps are in shared.lua. Time is this server's, in microseconds.
--   state   a hash: h = the holder's id, t = the last token, l = the last of each session that was granted the lock or was given
--           up, the newest first, and by id an entry for the holder and for each that waits
--   line    a sorted set: the ids that wait, by order of arrival
--   undone  a sorted set: ids that were given up while their request may still be on its way, until when they are refused
--   entry   "DEADLINE LEASE OFFSET CHANNEL SECRET LABEL": the mark of liveness; OFFSET makes the contender's wall clock of ours
-- A script that fails half-way is not rolled back. So each checks first and writes then, the first write of release, withdraw
-- and renew is one that Redis takes at maxmemory too (with it done, it takes the others), and messages come last, by pcall.
local state, line, undone = KEYS[1], KEYS[2], KEYS[3]
local id, retention = ARGV[1], tonumber(ARGV[2])
