function handle(method, path, body)
  local headers = { ["content-type"] = "text/plain; charset=utf-8" }
  return 200, headers, "Hello from {{project-name}}: " .. method .. " " .. path .. "\n"
end
