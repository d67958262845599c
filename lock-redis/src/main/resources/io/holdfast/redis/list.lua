-- One step through the names that somebody holds or waits for: CURSOR COUNT PATTERN
-- -> the next cursor ("0" after the last), then by turns a key and what describe says of it
local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[3], 'COUNT', ARGV[2], 'TYPE', 'hash')
local found = {page[1]}
for _, key in ipairs(page[2]) do
  -- What somebody else wrote into one name hides no other.
  local readable, shown = pcall(describe, key)
  if readable and shown ~= 'free 0' then
    found[#found + 1] = key
    found[#found + 1] = shown
  end
end
return found
