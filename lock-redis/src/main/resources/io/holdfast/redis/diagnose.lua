-- How this server is set up; writes nothing
-- -> the time in microseconds; the server's name and version; what INFO says, empty for a user who may not call it
-- By its REDIS_VERSION, Valkey is Redis 7.2.
local name, version = redis.SERVER_NAME or 'redis', redis.VALKEY_VERSION or redis.REDIS_VERSION or '6 or older'
local info = redis.pcall('INFO')
return {digits(now), name .. ' ' .. version, type(info) == 'string' and info or ''}
