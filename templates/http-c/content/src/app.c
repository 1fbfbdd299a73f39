#include <mayfly.h>

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string method = mayfly_request_method(request);
  mayfly_string path = mayfly_request_path(request);
  mayfly_response_header(response, "content-type", mayfly_text("text/plain; charset=utf-8"));
  mayfly_response_printf(response, "Hello from {{project-name}}: %.*s %.*s\n", (int)method.length, method.data,
                         (int)path.length, path.data);
}
