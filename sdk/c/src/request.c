// The request as a handler sees it.
#include "internal.h"

#include <string.h>

static const char *const methods[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                      "CONNECT", "OPTIONS", "TRACE", "PATCH"};
#define KNOWN_METHODS (sizeof methods / sizeof methods[0])

mayfly_string mayfly_request_method(mayfly_request *request) {
  if (!request->method.data) {
    string_variant method;
    incoming_request_method(request->request, &method);
    request->method = method.tag < KNOWN_METHODS ? mayfly_text(methods[method.tag]) : method.text;
  }
  return request->method;
}

mayfly_string mayfly_request_target(mayfly_request *request) {
  if (!request->target.data) {
    string_variant target;
    incoming_request_path_with_query(request->request, &target);
    request->target = target.tag == 1 ? target.text : mayfly_text("/");
  }
  return request->target;
}

mayfly_string mayfly_request_path(mayfly_request *request) {
  mayfly_string target = mayfly_request_target(request);
  const char *query = memchr(target.data, '?', target.length);
  if (query) target.length = (size_t)(query - target.data);
  return target;
}

static int hex(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

static mayfly_string percent_decode(const char *text, const char *end) {
  char *decoded = mayfly_scratch((size_t)(end - text) + 1);
  size_t length = 0;
  while (text < end) {
    char byte = *text++;
    if (byte == '+') byte = ' ';
    if (byte == '%' && end - text >= 2 && hex(text[0]) >= 0 && hex(text[1]) >= 0) {
      byte = (char)(hex(text[0]) * 16 + hex(text[1]));
      text += 2;
    }
    decoded[length++] = byte;
  }
  return (mayfly_string){decoded, length};
}

bool mayfly_request_query(mayfly_request *request, const char *name, mayfly_string *value) {
  mayfly_string target = mayfly_request_target(request);
  const char *end = target.data + target.length;
  const char *next = memchr(target.data, '?', target.length);
  while (next && next < end) {
    const char *key = next + 1;
    next = memchr(key, '&', (size_t)(end - key));
    const char *last = next ? next : end;
    const char *equals = memchr(key, '=', (size_t)(last - key));
    const char *key_end = equals ? equals : last;
    if (mayfly_equal(percent_decode(key, key_end), name)) {
      *value = percent_decode(equals ? equals + 1 : last, last);
      return true;
    }
  }
  return false;
}

static handle headers_of(mayfly_request *request) {
  if (request->headers == NO_HANDLE) request->headers = incoming_request_headers(request->request);
  return request->headers;
}

bool mayfly_request_header(mayfly_request *request, const char *name, mayfly_string *value) {
  return mayfly_fields_first(headers_of(request), name, value);
}

mayfly_pairs mayfly_request_headers(mayfly_request *request) {
  mayfly_pairs pairs;
  fields_entries(headers_of(request), &pairs);
  return pairs;
}

ptrdiff_t mayfly_request_read(mayfly_request *request, void *buffer, size_t size) {
  if (request->body.stream == NO_HANDLE && !request->body.ended) {
    handle_result consumed;
    incoming_request_consume(request->request, &consumed);
    if (!mayfly_incoming_open(&request->body, consumed)) return -1;
  }
  return mayfly_incoming_read(&request->body, buffer, size);
}
