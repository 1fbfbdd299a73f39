#include <mayfly.h>
#include <stdlib.h>
#include <string.h>

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  char body[256] = {0};
  mayfly_request_read(request, body, sizeof body - 1);
  const char *name = strstr(body, "\"rounds\":");
  unsigned rounds = name ? (unsigned)strtoul(name + 9, NULL, 10) : 0;
  unsigned value = 1;
  for (unsigned round = 0; round < rounds; round++) value = (value * 75 + 74) % 65537;
  mayfly_response_header(response, "content-type", mayfly_text("application/json"));
  mayfly_response_printf(response, "{\"rounds\":%u,\"value\":%u}", rounds, value);
}
