-- Prints the figures one to a line, for a program to read.
function done(summary, latency, requests)
   local errors = summary.errors
   print(string.format("requests=%d", summary.requests))
   print(string.format("seconds=%.3f", summary.duration / 1e6))
   print(string.format("p50=%.2f", latency:percentile(50) / 1000))
   print(string.format("p99=%.2f", latency:percentile(99) / 1000))
   print(string.format("errors=%d", errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
