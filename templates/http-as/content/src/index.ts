// A program that answers one request, as CGI has it: the host starts it for each.
const environment = process.env;
const method = environment.get('REQUEST_METHOD');
const path = environment.get('PATH_INFO');
process.stdout.write(
  'content-type: text/plain; charset=utf-8\n\n' + `Hello from {{project-name}}: ${method} ${path}\n`,
);
