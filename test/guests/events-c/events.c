// Server-sent events in C: event after event, each of which is only made when the server at ?gate= has answered that the
// client has had the one before.
#include <mayfly.h>

static bool may_go_on(mayfly_string gate, int number) {
  mayfly_string url = mayfly_format("%.*s?n=%d", (int)gate.length, gate.data, number);
  mayfly_client *client = mayfly_client_open("GET", mayfly_c_string(url));
  bool may = client && mayfly_client_send(client) && mayfly_client_status(client) == 200;
  if (client) mayfly_client_close(client);
  return may;
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string gate = mayfly_text("");
  mayfly_request_query(request, "gate", &gate);
  mayfly_response_header(response, "content-type", mayfly_text("text/event-stream"));
  for (int number = 1;; number++) {
    mayfly_string event = mayfly_format("data: %d\n\n", number);
    if (!mayfly_response_write(response, event.data, event.length) || !mayfly_response_flush(response)) return;
    if (!may_go_on(gate, number)) return;
  }
}
