// The smallest handler: answers every request with the same line.
#include <mayfly.h>

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  (void)request;
  mayfly_response_header(response, "content-type", mayfly_text("text/plain"));
  mayfly_response_print(response, "Hello from C\n");
}
