// Waits ?ms= milliseconds on a timer. The sandbox is suspended meanwhile and holds no thread.
#include <mayfly.h>
#include <stdlib.h>

#define LONGEST_MS 60000ull

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string ms;
  unsigned long long wanted = 1000;
  if (mayfly_request_query(request, "ms", &ms)) wanted = strtoull(mayfly_c_string(ms), NULL, 10);
  if (wanted > LONGEST_MS) wanted = LONGEST_MS;
  mayfly_sleep_ms(wanted);
  mayfly_response_header(response, "content-type", mayfly_text("text/plain"));
  mayfly_response_printf(response, "Waited %llu ms\n", wanted);
}
