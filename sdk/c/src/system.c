// Time, chance, logs and the environment.
#include "internal.h"

#include <string.h>

void mayfly_sleep_ms(uint64_t milliseconds) {
  mayfly_wait(monotonic_clock_subscribe_duration((int64_t)(milliseconds * 1000000u)));
}

uint64_t mayfly_monotonic_ns(void) {
  return (uint64_t)monotonic_clock_now();
}

uint64_t mayfly_unix_time(void) {
  datetime now;
  wall_clock_now(&now);
  return now.seconds;
}

uint64_t mayfly_random(void) {
  return (uint64_t)random_get_random_u64();
}

#define WRITE_AND_FLUSH_MOST 4096u // wasi:io/streams: more than that traps

static void log_line(mayfly_string text) {
  char *line = mayfly_scratch(text.length + 1);
  memcpy(line, text.data, text.length);
  line[text.length] = '\n';
  handle stream = cli_get_stderr();
  for (size_t from = 0; from <= text.length; from += WRITE_AND_FLUSH_MOST) {
    write_result result;
    size_t rest = text.length + 1 - from;
    output_stream_blocking_write_and_flush(stream, line + from, rest < WRITE_AND_FLUSH_MOST ? rest : WRITE_AND_FLUSH_MOST,
                                           &result);
    if (!result.is_err) continue;
    if (result.error.tag == 0) io_error_drop(result.error.error);
    break;
  }
  output_stream_drop(stream);
}

void mayfly_log(const char *text) {
  log_line(mayfly_text(text));
}

void mayfly_logf(const char *format, ...) {
  __builtin_va_list arguments;
  __builtin_va_start(arguments, format);
  mayfly_string text = mayfly_vformat(format, arguments);
  __builtin_va_end(arguments);
  log_line(text);
}

mayfly_pairs mayfly_environment_all(void) {
  mayfly_pairs pairs;
  cli_get_environment(&pairs);
  return pairs;
}

bool mayfly_environment(const char *name, mayfly_string *value) {
  mayfly_pairs all = mayfly_environment_all();
  for (size_t index = 0; index < all.count; index++) {
    if (!mayfly_equal(all.pairs[index].name, name)) continue;
    *value = all.pairs[index].value;
    return true;
  }
  return false;
}
