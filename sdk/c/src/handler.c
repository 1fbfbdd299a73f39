// The export of a handler component: wasi:http/incoming-handler `handle`.
#include "internal.h"

// All handles are given back at the end, for hosts that keep the instance for the next request.
__attribute__((export_name("wasi:http/incoming-handler@" MAYFLY_WASI_VERSION "#handle"))) void mayfly_incoming_handler(
    handle incoming_request, handle outparam) {
  mayfly_request request = {.request = incoming_request};
  mayfly_response response = {.outparam = outparam, .status = 200};
  mayfly_handle(&request, &response);
  mayfly_response_send_head(&response);
  mayfly_outgoing_finish(&response.body);
  mayfly_incoming_close(&request.body);
  if (request.headers != NO_HANDLE) fields_drop(request.headers);
  incoming_request_drop(request.request);
  mayfly_scratch_reset();
}
