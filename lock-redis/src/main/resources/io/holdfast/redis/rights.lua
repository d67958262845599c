-- Which of our commands this user may not call on our keys; calls none of them, and takes no KEYS: ID RETENTION CHANNEL KEY
-- -> "all", "all but COMMAND...", or "unknown" of a server that cannot tell, such as Redis 6
if not redis.acl_check_cmd then
  return 'unknown'
end
local id, channel, key = ARGV[1], ARGV[3], ARGV[4]
local needed = {
  {'EVAL', '', '1', key}, {'EVALSHA', '', '1', key}, {'PING'}, {'TIME'},
  {'SUBSCRIBE', channel}, {'UNSUBSCRIBE', channel}, {'PUBLISH', channel, ''},
  {'HGET', key, 'h'}, {'HMGET', key, 'h'}, {'HSET', key, 'h', ''}, {'HDEL', key, 'h'}, {'HEXISTS', key, 'h'},
  {'ZADD', key, '1', id}, {'ZREM', key, id}, {'ZRANGE', key, '0', '0'}, {'ZRANK', key, id}, {'ZSCORE', key, id},
  {'ZCARD', key}, {'ZREMRANGEBYSCORE', key, '0', '0'}, {'EXISTS', key}, {'PTTL', key}, {'PEXPIRE', key, '1'},
  {'SCAN', '0'}
}
local refused = {}
for _, command in ipairs(needed) do
  if not redis.acl_check_cmd(unpack(command)) then
    refused[#refused + 1] = command[1]
  end
end
return #refused == 0 and 'all' or 'all but ' .. table.concat(refused, ' ')
