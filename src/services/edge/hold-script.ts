/**
 * The edge's own part of a hold, in Lua for HAProxy 2.6 and newer. `mapFile` as HAProxy sees it; it is
 * the name of the map there. Its commands on the runtime socket, each answering one `state` line:
 *
 *     portsync hold MS     new requests wait, at most MS milliseconds from now
 *     portsync release     they go on
 *     portsync state
 *
 * Loaded once and not per thread, so that all requests see one hold; the rules call it during holds
 * only, so that the lock this costs is never taken otherwise.
 */
export function holdScript(mapFile: string): string {
  return `-- Written by PortSync.
local MAP = ${JSON.stringify(mapFile)}
local LONGEST_MS = 60000
local hold = nil

local function now()
  local t = core.now()
  return t.sec * 1000 + t.usec // 1000
end

local function finish(which, expired)
  if which.ended then return end
  which.ended = now()
  which.expired = expired
  if which == hold then core.set_map(MAP, "hold", "off") end
end

-- The deadline is found out here by whoever waits, so that it needs nobody else alive. HAProxy breaks
-- this off when the client leaves, and goes on with its rules: these look for txn.released.
core.register_action("hold", { "http-req" }, function(txn)
  local mine = hold
  if mine then
    mine.first = mine.first or now()
    mine.arrived = mine.arrived + 1
    while not mine.ended do
      if now() >= mine.deadline then
        finish(mine, true)
      else
        -- The more wait, the less often each looks.
        core.msleep(math.min(10 + mine.arrived // 50, 200))
      end
    end
  else
    core.set_map(MAP, "hold", "off")
  end
  txn:set_var("txn.released", true)
end)

local function answer(applet)
  local h = hold or { id = 0, ended = 0 }
  local state = h.ended and "open" or "held"
  applet:send(string.format("state=%s now=%d id=%s first=%d ended=%d expired=%s\\n",
    state, now(), h.id, h.first or 0, h.ended or 0, tostring(h.expired or false)))
end

core.register_cli({ "portsync", "hold" }, "portsync hold MS", function(applet, _, _, ms)
  local deadline = now() + math.min(math.max(tonumber(ms) or 0, 0), LONGEST_MS)
  if hold and not hold.ended then
    hold.deadline = deadline
  else
    hold = { id = now(), deadline = deadline, arrived = 0 }
    core.set_map(MAP, "hold", tostring(hold.id))
  end
  answer(applet)
end)

core.register_cli({ "portsync", "release" }, "portsync release", function(applet)
  if hold then finish(hold, hold.deadline <= now()) end
  answer(applet)
end)

core.register_cli({ "portsync", "state" }, "portsync state", function(applet)
  if hold and not hold.ended and hold.deadline <= now() then finish(hold, true) end
  answer(applet)
end)
`;
}
