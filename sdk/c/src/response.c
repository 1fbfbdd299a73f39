// The response as a handler sees it: head first, body after it.
#include "internal.h"

#include <string.h>

bool mayfly_response_status(mayfly_response *response, unsigned status) {
  if (response->sent || status < 100 || status > 999) return false;
  response->status = status;
  return true;
}

static handle headers_of(mayfly_response *response) {
  if (response->headers == NO_HANDLE) response->headers = fields_new();
  return response->headers;
}

bool mayfly_response_header(mayfly_response *response, const char *name, mayfly_string value) {
  return !response->sent && mayfly_fields_append(headers_of(response), name, value);
}

bool mayfly_response_send_head(mayfly_response *response) {
  handle_result body;
  if (response->sent) return response->body.stream != NO_HANDLE;
  response->sent = true;
  handle head = outgoing_response_new(headers_of(response));
  if (response->status != 200) outgoing_response_set_status_code(head, (int32_t)response->status);
  outgoing_response_body(head, &body);
  response_outparam_set(response->outparam, 0, head, 0, 0, 0, 0, 0, 0);
  return mayfly_outgoing_open(&response->body, body);
}

bool mayfly_response_write(mayfly_response *response, const void *data, size_t length) {
  return mayfly_response_send_head(response) && mayfly_outgoing_write(&response->body, data, length);
}

bool mayfly_response_print(mayfly_response *response, const char *text) {
  return mayfly_response_write(response, text, strlen(text));
}

bool mayfly_response_printf(mayfly_response *response, const char *format, ...) {
  __builtin_va_list arguments;
  __builtin_va_start(arguments, format);
  mayfly_string text = mayfly_vformat(format, arguments);
  __builtin_va_end(arguments);
  return mayfly_response_write(response, text.data, text.length);
}

bool mayfly_response_flush(mayfly_response *response) {
  return mayfly_response_send_head(response) && mayfly_outgoing_flush(&response->body);
}
