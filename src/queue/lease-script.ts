/** Seconds' worth of its limit that a bucket holds. */
export const burstSeconds = 0.5;
/** Milliseconds for which a limit that a process stated holds for the others. */
export const statedMs = 30_000;

/**
 * Gives a lease on all limits of a lane, or none, in one step. A token bucket in the manner of GCRA (RFC 2697's single rate,
 * evenly refilled), by the clock of Redis.
 *
 * KEYS[1]: the lane's hash. ARGV: requests wanted; milliseconds to freeze (0 for none); then for each limit: name, limit of a
 * minute (0 where the caller states none: that of others holds), share of it that is used, what each request takes, what is
 * given back (below 0: taken more). Gives the requests granted and, with none, the milliseconds until it is worth asking again.
 */
export const leaseScript: string = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hash = KEYS[1]
local want = tonumber(ARGV[1])
local freeze = tonumber(ARGV[2])
local frozen = tonumber(redis.call('HGET', hash, 'frozen') or '0')
if freeze > 0 then
  frozen = math.max(frozen, now + freeze)
  redis.call('HSET', hash, 'frozen', frozen)
end
local granted = want
local wait = 0
local levels = {}
local count = (#ARGV - 2) / 5
for i = 0, count - 1 do
  local at = 3 + i * 5
  local name = ARGV[at]
  local limit = tonumber(ARGV[at + 1])
  local share = tonumber(ARGV[at + 2])
  local each = tonumber(ARGV[at + 3])
  local back = tonumber(ARGV[at + 4])
  local known = redis.call('HMGET', hash, name .. ':limit', name .. ':stated', name .. ':level', name .. ':at')
  local stated = tonumber(known[2] or '0')
  local lowest = now - stated <= ${statedMs} and tonumber(known[1] or '0') or 0
  if limit > 0 and (lowest == 0 or limit <= lowest) then
    lowest = limit
    redis.call('HSET', hash, name .. ':limit', limit, name .. ':stated', now)
  end
  if lowest > 0 then
    local rate = lowest * share / 60000
    local room = math.max(rate * ${burstSeconds * 1_000}, name == 'rpm' and 1 or 0)
    local since = math.max(0, now - tonumber(known[4] or now))
    local level = math.min(room, tonumber(known[3] or '0') + since * rate + back)
    if frozen > now then level = math.min(level, 0) end
    local fits
    if each <= 0 then
      fits = want
    elseif name == 'rpm' then
      fits = math.floor(level / each)
      if fits < 1 then wait = math.max(wait, (each - level) / rate) end
    else
      fits = math.ceil(level / each)
      if fits < 1 then wait = math.max(wait, -level / rate + 1) end
    end
    granted = math.min(granted, math.max(fits, 0))
    levels[#levels + 1] = { name, level, each }
  end
end
if frozen > now then
  granted = 0
  wait = math.max(wait, frozen - now)
end
for _, one in ipairs(levels) do
  redis.call('HSET', hash, one[1] .. ':level', tostring(one[2] - granted * one[3]), one[1] .. ':at', now)
end
redis.call('PEXPIRE', hash, 3600000)
return { granted, math.ceil(wait) }
`;
