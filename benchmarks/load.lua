-- The requests of a wrk run. Arguments after "--": what to ask for (url, b64_json or mixed),
-- and the number of the first request; prompt and seed carry the number, so no two are alike.

local asked, number, host
local link = nil

-- Joined by hand: wrk.format costs so much that the load generator would be measured too.
local head = "POST /v1/images/generations HTTP/1.1\r\nHost: %s\r\n"
   .. "Authorization: Bearer any-key\r\nContent-Type: application/json\r\n"
   .. "Content-Length: %d\r\n\r\n%s"

-- The example of the documentation page, laid out as there.
local body = [[{
        "model": "step-image-edit-2",
        "prompt": "A serene alpine lake at sunset, mirror reflection, photorealistic %d",
        "response_format": "%s",
        "cfg_scale": 1.0,
        "steps": 8,
        "seed": %d,
        "text_mode": true
      }]]

function init(args)
   asked, number, host = args[1], tonumber(args[2]), wrk.headers["Host"]
   if asked == "mixed" then
      response = remember
   end
end

-- Only defined as `response` where it is needed: wrk hands over each body then, which is slow.
function remember(status, headers, text)
   link = string.match(text, '"url":"http://[^/]+([^"]+)"') or link
end

function request()
   number = number + 1
   local format = asked
   if asked == "mixed" then
      if link and number % 10 == 0 then
         return string.format("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", link, host)
      end
      format = number % 10 == 5 and "b64_json" or "url"
   end
   local text = string.format(body, number, format, number)
   return string.format(head, host, #text, text)
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "seconds": %.6f, "bytes": %d, "p50_ms": %.3f, "p99_ms": %.3f, '
         .. '"refused": %d, "broken": %d}\n',
      summary.requests, summary.duration / 1e6, summary.bytes,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout
   ))
end
