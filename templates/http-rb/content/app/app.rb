# A program that answers one request, as CGI has it: the host starts it for each.
puts 'content-type: text/plain; charset=utf-8', ''
puts "Hello from {{project-name}}: #{ENV['REQUEST_METHOD']} #{ENV['PATH_INFO']}"
