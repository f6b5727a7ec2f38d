-- Asks a gate about a request: `http-request lua.gate HOST PORT /v1/gate/NAME`. What it says is in variables of the transaction:
-- gate_status (204: inside; 401: not; 0: no answer within two seconds), gate_to, gate_cookie and gate_session.

local VARIABLES = { ["location"] = "gate_to", ["set-cookie"] = "gate_cookie", ["onsale-session"] = "gate_session" }

-- The status, and the headers by their names in small letters; nothing where there is no answer. Nobody asks twice: HAProxy's own client
-- would, and a visitor would wait for that.
local function ask(host, port, path, headers)
  local socket = core.tcp()
  socket:settimeout(1)
  if not socket:connect(host, port) then
    return
  end
  socket:send("GET " .. path .. " HTTP/1.1\r\nHost: " .. host .. "\r\nConnection: close\r\n" .. headers .. "\r\n")
  local line = socket:receive("*l")
  local status = line and tonumber(line:match("^HTTP/1%.%d (%d%d%d)"))
  local found = {}
  while status do
    line = socket:receive("*l")
    local name, value = (line or ""):match("^([^:]+):%s*(.-)%s*$")
    if not name then
      break
    end
    found[name:lower()] = value
  end
  socket:close()
  return status, found
end

core.register_action("gate", { "http-req" }, function(txn, host, port, path)
  local cookies = {}
  for _, cookie in pairs(txn.http:req_get_headers()["cookie"] or {}) do
    cookies[#cookies + 1] = cookie
  end
  local headers = "Cookie: " .. table.concat(cookies, "; ") .. "\r\nX-Original-URI: " .. txn.sf:pathq() ..
    "\r\nX-Original-Method: " .. txn.sf:method() .. "\r\n"
  local _, status, found = pcall(ask, host, tonumber(port), path, headers)
  txn:set_var("txn.gate_status", tonumber(status) or 0)
  for name, variable in pairs(VARIABLES) do
    if type(found) == "table" and found[name] then
      txn:set_var("txn." .. variable, found[name])
    end
  end
end, 3)
