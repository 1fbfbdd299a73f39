// Counts its requests in a global. Every request gets a fresh sandbox, so the answer is always 1.
#include <mayfly.h>

static unsigned counter;

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  (void)request;
  counter += 1;
  mayfly_response_header(response, "content-type", mayfly_text("text/plain"));
  mayfly_response_printf(response, "%u\n", counter);
}
