-- Which of our commands this user may not call; writes nothing: ID RETENTION CHANNEL
-- -> "all", "all but COMMAND...", or "unknown" of a server that cannot tell, such as Redis 6
if not redis.acl_check_cmd then
  return 'unknown'
end
local channel = ARGV[3]
local needed = {
  {'EVAL', '', '1', state}, {'EVALSHA', '', '1', state}, {'PING'}, {'TIME'},
  {'SUBSCRIBE', channel}, {'UNSUBSCRIBE', channel}, {'PUBLISH', channel, ''},
  {'HGET', state, 'h'}, {'HMGET', state, 'h'}, {'HSET', state, 'h', ''}, {'HDEL', state, 'h'}, {'HEXISTS', state, 'h'},
  {'ZADD', line, '1', id}, {'ZREM', line, id}, {'ZRANGE', line, '0', '0'}, {'ZRANK', line, id}, {'ZSCORE', undone, id},
  {'ZCARD', line}, {'ZREMRANGEBYSCORE', undone, '0', '0'}, {'EXISTS', line}, {'PTTL', state}, {'PEXPIRE', state, '1'},
  {'SCAN', '0'}
}
local refused = {}
for _, command in ipairs(needed) do
  if not redis.acl_check_cmd(unpack(command)) then
    refused[#refused + 1] = command[1]
  end
end
return #refused == 0 and 'all' or 'all but ' .. table.concat(refused, ' ')
