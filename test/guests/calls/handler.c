// The calls of the request's body, answered line by line, through wasi:http 0.2.
#include <mayfly.h>
#include <stdlib.h>

#include "calls.h"

void *grab(size_t size, size_t align) {
  (void)align; // malloc's is 16
  void *block = malloc(size == 0 ? 1 : size);
  if (block == NULL) __builtin_trap();
  return block;
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  struct text body = {0}, answer = {0};
  char chunk[4096];
  ptrdiff_t length;
  while ((length = mayfly_request_read(request, chunk, sizeof chunk)) > 0) put_bytes(&body, chunk, (size_t)length);
  put(&body, 0);
  run_lines(body.data, &answer);
  mayfly_response_write(response, answer.data, answer.length);
}
