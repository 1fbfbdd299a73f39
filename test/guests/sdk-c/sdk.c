// Uses every function of the C library, a route for each part of it.
#include "route.h"

static char chunk[1000]; // odd, so that chunks do not line up with anybody else's

static void format(mayfly_response *response) {
  mayfly_response_printf(response, "%d %i %u %x %X %o|", -5, 0, 4294967295u, 0xbeefu, 0xBEEFu, 8u);
  mayfly_response_printf(response, "%5d|%-5d|%05d|%*d|", 42, 42, -42, 6, 7);
  mayfly_response_printf(response, "%lld %llu %zu %ld|", (long long)INT64_MIN, ~0ull, (size_t)7, 8l);
  mayfly_response_printf(response, "%s|%.3s|%8s|%-8s|%.*s|%c%%", "text", "abcdef", "right", "left", 2, "xyz", 'c');
}

static void query(mayfly_request *request, mayfly_response *response) {
  mayfly_string value;
  const char *names[] = {"a", "b", "empty", "none", "sp ace", "missing"};
  for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
    bool found = mayfly_request_query(request, names[index], &value);
    mayfly_response_printf(response, "%s=%.*s;", names[index], found ? (int)value.length : 1, found ? value.data : "-");
  }
}

static void print_pairs(mayfly_response *response, mayfly_pairs pairs) {
  for (size_t index = 0; index < pairs.count; index++)
    mayfly_response_printf(response, "%.*s: %.*s\n", (int)pairs.pairs[index].name.length, pairs.pairs[index].name.data,
                           (int)pairs.pairs[index].value.length, pairs.pairs[index].value.data);
}

static void request_parts(mayfly_request *request, mayfly_response *response) {
  mayfly_string method = mayfly_request_method(request), target = mayfly_request_target(request);
  mayfly_string path = mayfly_request_path(request), value;
  mayfly_response_printf(response, "%.*s %.*s %.*s\n", (int)method.length, method.data, (int)target.length, target.data,
                         (int)path.length, path.data);
  if (mayfly_request_header(request, "x-one", &value)) mayfly_response_printf(response, "%.*s\n", (int)value.length, value.data);
  if (!mayfly_request_header(request, "x-none", &value)) mayfly_response_print(response, "no x-none\n");
  print_pairs(response, mayfly_request_headers(request));
}

// Fills blocks of all sizes and alignments, and finds out whether one ran into another.
static const char *check_memory(void) {
  enum { BLOCKS = 200 };
  static unsigned char *blocks[BLOCKS];
  static size_t sizes[BLOCKS];
  uint32_t state = 42;
  for (int turn = 0; turn < 20000; turn++) {
    state = state * 1664525u + 1013904223u;
    size_t slot = (state >> 8) % BLOCKS, size = (state >> 16) % 3000u;
    for (size_t at = 0; at < sizes[slot]; at++)
      if (blocks[slot][at] != (unsigned char)slot) return "a block was overwritten";
    if (turn % 3 == 0) {
      free(blocks[slot]);
      blocks[slot] = turn % 2 ? aligned_alloc(64, size) : calloc(1, size);
      if (turn % 2 ? (uintptr_t)blocks[slot] % 64 != 0 : size > 0 && blocks[slot][size - 1] != 0) return "a wrong block";
    } else {
      blocks[slot] = realloc(blocks[slot], size);
      for (size_t at = 0; at < size && at < sizes[slot]; at++)
        if (blocks[slot][at] != (unsigned char)slot) return "realloc lost bytes";
    }
    if ((uintptr_t)blocks[slot] % 16 != 0) return "a block is not aligned";
    memset(blocks[slot], (int)slot, size);
    sizes[slot] = size;
  }
  void *volatile huge = malloc(3000000000u);
  if (huge) return "more memory than there can be";
  return "sound";
}

static void forward(mayfly_request *request, mayfly_response *response) {
  mayfly_string url, value;
  ptrdiff_t count;
  mayfly_request_query(request, "url", &url);
  mayfly_client *client = mayfly_client_open("PUT", mayfly_c_string(url));
  mayfly_client_header(client, "x-sent", mayfly_text("by C"));
  while ((count = mayfly_request_read(request, chunk, sizeof chunk)) > 0) mayfly_client_write(client, chunk, (size_t)count);
  if (!mayfly_client_send(client)) {
    mayfly_response_printf(response, "%s", mayfly_client_error(client));
    return mayfly_client_close(client);
  }
  mayfly_response_status(response, mayfly_client_status(client) + 1);
  if (mayfly_client_response_header(client, "x-got", &value)) mayfly_response_header(response, "x-got", value);
  mayfly_response_printf(response, "%zu headers\n", mayfly_client_response_headers(client).count);
  while ((count = mayfly_client_read(client, chunk, sizeof chunk)) > 0) mayfly_response_write(response, chunk, (size_t)count);
  mayfly_client_close(client);
}

static void file(mayfly_request *request, mayfly_response *response) {
  mayfly_string path;
  ptrdiff_t count;
  mayfly_request_query(request, "path", &path);
  mayfly_file *opened = mayfly_file_open(path);
  if (!opened) {
    mayfly_response_print(response, mayfly_file_error());
    return;
  }
  mayfly_response_printf(response, "%llu bytes\n", (unsigned long long)mayfly_file_size(opened));
  while ((count = mayfly_file_read(opened, chunk, sizeof chunk)) > 0) mayfly_response_write(response, chunk, (size_t)count);
  mayfly_file_close(opened);
}

static void time_and_chance(mayfly_response *response) {
  uint64_t before = mayfly_monotonic_ns();
  mayfly_sleep_ms(20);
  uint64_t waited = mayfly_monotonic_ns() - before;
  mayfly_response_printf(response, "%s %llu %d", waited >= 20000000u ? "waited" : "too soon",
                         (unsigned long long)mayfly_unix_time(), mayfly_random() != mayfly_random());
}

static void rules(mayfly_response *response) {
  bool bad_status = mayfly_response_status(response, 42);
  bool bad_name = mayfly_response_header(response, "no spaces", mayfly_text("x"));
  bool set = mayfly_response_status(response, 201) && mayfly_response_header(response, "x-two", mayfly_text("1")) &&
             mayfly_response_header(response, "x-two", mayfly_text("2"));
  bool written = mayfly_response_print(response, "body ");
  bool late = mayfly_response_status(response, 500) || mayfly_response_header(response, "x-late", mayfly_text("1"));
  mayfly_response_printf(response, "%d %d %d %d %d", bad_status, bad_name, set, written, late);
}

static void environment(mayfly_response *response) {
  mayfly_string value;
  print_pairs(response, mayfly_environment_all());
  if (!mayfly_environment("NOT_SET", &value)) mayfly_response_print(response, "no NOT_SET\n");
  if (mayfly_environment("COLOR", &value) && mayfly_equal(value, "blue")) mayfly_response_print(response, "blue\n");
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  if (at(request, "format")) return format(response);
  if (at(request, "query")) return query(request, response);
  if (at(request, "request")) return request_parts(request, response);
  if (at(request, "memory")) mayfly_response_print(response, check_memory());
  if (at(request, "forward")) return forward(request, response);
  if (at(request, "file")) return file(request, response);
  if (at(request, "time")) return time_and_chance(response);
  if (at(request, "rules")) return rules(response);
  if (at(request, "environment")) return environment(response);
  if (at(request, "log")) {
    mayfly_log("a plain line");
    mayfly_logf("line %d of %s", 2, "two");
  }
  if (at(request, "bad-url") && !mayfly_client_open("GET", "gopher://x")) mayfly_response_print(response, "refused");
}
