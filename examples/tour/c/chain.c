// Asks another component of the app, without leaving the process, and passes on what it says.
#include <mayfly.h>

static char chunk[4096];

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  ptrdiff_t count;
  (void)request;
  mayfly_client *client = mayfly_client_open("GET", "http://hello.spin.internal/hello");
  mayfly_response_header(response, "content-type", mayfly_text("text/plain; charset=utf-8"));
  if (!mayfly_client_send(client)) {
    mayfly_response_status(response, 502);
    mayfly_response_printf(response, "hello.spin.internal does not answer: %s\n", mayfly_client_error(client));
    return;
  }
  mayfly_response_status(response, mayfly_client_status(client));
  mayfly_response_print(response, "The component hello said: ");
  while ((count = mayfly_client_read(client, chunk, sizeof chunk)) > 0) {
    if (!mayfly_response_write(response, chunk, (size_t)count)) return;
  }
}
