// The component that looks at its request: method, authority, scheme, target, and the headers that Spin adds.
#include "../../../../sdk/c/src/internal.h"
#include "conformance.h"

typedef struct {
  uint8_t is_some;
  mayfly_string text;
} optional_text;
typedef struct {
  uint8_t is_some, padding[3];
  uint8_t tag;
  mayfly_string other;
} optional_scheme;

#define IMPORT(name) __attribute__((import_module("wasi:http/types@" MAYFLY_WASI_VERSION), import_name(name)))
IMPORT("[method]incoming-request.authority") void request_authority(uint32_t request, optional_text *into);
IMPORT("[method]incoming-request.scheme") void request_scheme(uint32_t request, optional_scheme *into);

static const char *const expected[][2] = {
    {"spin-raw-component-route", "/base/:path_segment/:path_end/..."},
    {"spin-full-url", "http://example.com/base/path/end/rest?key=value"},
    {"spin-path-info", "/rest"},
    {"spin-base-path", "/"},
    {"spin-component-route", "/base/:path_segment/:path_end"},
    {"spin-path-match-path-segment", "path"},
    {"spin-path-match-path-end", "end"},
    {"spin-matched-route", "/base/:path_segment/:path_end/..."},
};
enum { EXPECTED = sizeof expected / sizeof expected[0] };

/** Four numbers and a port. */
static bool is_address(mayfly_string text) {
  char *at = mayfly_c_string(text);
  for (int part = 0; part < 5; part++) {
    char *end;
    if (strtoul(at, &end, 10) > (part == 4 ? 65535u : 255u) || end == at) return false;
    if (part < 4 && *end++ != (part == 3 ? ':' : '.')) return false;
    at = end;
  }
  return *at == 0;
}

static void check_headers(mayfly_request *request) {
  size_t seen[EXPECTED + 1] = {0};
  mayfly_pairs headers = mayfly_request_headers(request);
  for (size_t at = 0; at < headers.count; at++) {
    const mayfly_string name = headers.pairs[at].name, value = headers.pairs[at].value;
    if (!starts(name, "spin-") && !starts(name, "spin_")) continue;
    size_t index = 0;
    while (index < EXPECTED && !mayfly_equal(name, expected[index][0])) index++;
    seen[index]++;
    const bool right = index < EXPECTED ? mayfly_equal(value, expected[index][1])
                                        : mayfly_equal(name, "spin-client-addr") && is_address(value);
    if (!right)
      fail(mayfly_format("header %.*s: %.*s", (int)name.length, name.data, (int)value.length, value.data));
  }
  for (size_t index = 0; index < EXPECTED; index++)
    if (seen[index] != 1) fail(mayfly_format("%zu headers %s", seen[index], expected[index][0]));
}

void request_shape(mayfly_request *request) {
  optional_text authority;
  optional_scheme scheme;
  request_authority((uint32_t)request->request, &authority);
  request_scheme((uint32_t)request->request, &scheme);
  if (!mayfly_equal(mayfly_request_method(request), "GET")) fail(mayfly_text("the method"));
  if (!authority.is_some || !mayfly_equal(authority.text, "example.com")) fail(mayfly_text("the authority"));
  if (!scheme.is_some || scheme.tag > 1) fail(mayfly_text("the scheme"));
  if (!mayfly_equal(mayfly_request_target(request), "/base/path/end/rest?key=value")) fail(mayfly_text("the target"));
  check_headers(request);
}
