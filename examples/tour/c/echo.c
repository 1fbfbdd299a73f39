// Sends the request's body back as it arrives, however large: it holds one chunk at a time.
#include <mayfly.h>

static char chunk[64 * 1024];

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string type;
  ptrdiff_t count;
  if (mayfly_request_header(request, "content-type", &type)) mayfly_response_header(response, "content-type", type);
  while ((count = mayfly_request_read(request, chunk, sizeof chunk)) > 0) {
    if (!mayfly_response_write(response, chunk, (size_t)count) || !mayfly_response_flush(response)) return;
  }
  if (count < 0) mayfly_log("The request's body broke off");
}
