// The components of Spin's conformance tests in one: `COMPONENT` of its environment says which of them it is. What they
// call is written as lines (run.c); the first of these that gives something else ends with 500 and says what.
#include "conformance.h"

void *grab(size_t size, size_t align) {
  (void)align; // malloc's is 16
  void *block = malloc(size == 0 ? 1 : size);
  if (block == NULL) __builtin_trap();
  return block;
}

static mayfly_response *answer;
static bool failed;

void fail(mayfly_string text) {
  failed = true;
  mayfly_response_status(answer, 500);
  mayfly_response_write(answer, text.data, text.length);
}

mayfly_string run(mayfly_string line) {
  struct text given = {0};
  run_line(mayfly_c_string(line), &given);
  put(&given, 0);
  return (mayfly_string){given.data, given.length - 1};
}

bool starts(mayfly_string text, const char *with) {
  return text.length >= strlen(with) && memcmp(text.data, with, strlen(with)) == 0;
}

mayfly_string rust_error(mayfly_string given) {
  struct text shown = {0};
  put_text(&shown, "Error::");
  bool upper = true, quoted = false;
  for (size_t at = 4; at + 1 < given.length; at++) {
    const char byte = given.data[at];
    if (byte == '"') quoted = !quoted;
    if (byte == '-' && !quoted) upper = true;
    else {
      put(&shown, upper && byte >= 'a' && byte <= 'z' ? byte - 32 : byte);
      upper = false;
    }
  }
  return (mayfly_string){shown.data, shown.length};
}

void gives(mayfly_string line, const char *wanted) {
  if (failed) return;
  mayfly_string given = run(line);
  if (mayfly_equal(given, wanted)) return;
  if (starts(given, "err(")) return fail(rust_error(given));
  fail(mayfly_format("%.*s gives %.*s, not %s", (int)line.length, line.data, (int)given.length, given.data, wanted));
}

void begins(const char *line, const char *wanted) {
  if (failed) return;
  mayfly_string given = run(mayfly_text(line));
  if (!starts(given, wanted)) fail(mayfly_format("%s gives %.*s", line, (int)given.length, given.data));
}

bool has_failed(void) {
  return failed;
}

mayfly_string header(mayfly_request *request, const char *name) {
  mayfly_string value = {"", 0};
  if (!failed && !mayfly_request_header(request, name, &value)) {
    fail(mayfly_format("missing header: %s", name));
  }
  return value;
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string component = {"", 0};
  answer = response;
  mayfly_environment("COMPONENT", &component);
  if (mayfly_equal(component, "key-value")) key_value();
  else if (mayfly_equal(component, "sqlite")) sqlite();
  else if (mayfly_equal(component, "variables")) variables();
  else if (mayfly_equal(component, "redis")) redis(request);
  else if (mayfly_equal(component, "mqtt")) mqtt(request);
  else if (mayfly_equal(component, "postgres")) postgres(request);
  else if (mayfly_equal(component, "tcp")) tcp(request);
  else if (mayfly_equal(component, "http")) http(request, response);
  else if (mayfly_equal(component, "request-shape")) request_shape(request);
  else fail(mayfly_text("COMPONENT is not set"));
}
