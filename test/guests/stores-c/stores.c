// Stores and databases, a route for each: /set?key=&value= and /get?key= of the store `label` (default), /keys, /count?key=
// increments, /sql?text= gives the first value of the result, /hold?text= leaves what it did open and traps.
#include "route.h"

typedef int32_t handle;
typedef struct {
  uint8_t is_err;
  _Alignas(4) uint8_t error;
  mayfly_string text;
} unit_result;
typedef struct {
  uint8_t is_err;
  union {
    handle handle;
    uint8_t error;
  };
  mayfly_string text;
} open_result;
typedef struct {
  uint8_t is_err;
  _Alignas(4) union {
    uint8_t is_some;
    uint8_t error;
  };
  mayfly_string value;
} get_result;
typedef struct {
  uint8_t is_err;
  union {
    struct {
      mayfly_string *keys;
      size_t count;
    };
    struct {
      uint8_t error;
      mayfly_string text;
    };
  };
} keys_result;
typedef struct {
  uint8_t is_err;
  union {
    int64_t sum;
    struct {
      uint8_t error;
      mayfly_string text;
    };
  };
} sum_result;
typedef struct {
  uint8_t kind;
  union {
    int64_t integer;
    double real;
    mayfly_string text;
  };
} value;
typedef struct {
  value *values;
  size_t count;
} row;
typedef struct {
  uint8_t is_err;
  union {
    struct {
      mayfly_string *columns;
      size_t column_count;
      row *rows;
      size_t row_count;
    };
    struct {
      uint8_t error;
      mayfly_string text;
    };
  };
} query_result;

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define STORE(function) IMPORT("fermyon:spin/key-value@2.0.0", function)
#define SQLITE(function) IMPORT("fermyon:spin/sqlite@2.0.0", function)
STORE("[static]store.open") void store_open(const char *label, size_t length, open_result *result);
STORE("[method]store.get") void store_get(handle store, const char *key, size_t length, get_result *result);
STORE("[method]store.set")
void store_set(handle store, const char *key, size_t length, const char *value, size_t size, unit_result *result);
STORE("[method]store.get-keys") void store_get_keys(handle store, keys_result *result);
IMPORT("wasi:keyvalue/store@0.2.0-draft2", "open") void bucket_open(const char *label, size_t length, open_result *result);
IMPORT("wasi:keyvalue/atomics@0.2.0-draft2", "increment")
void bucket_increment(handle bucket, const char *key, size_t length, int64_t delta, sum_result *result);
SQLITE("[static]connection.open") void sqlite_open(const char *label, size_t length, open_result *result);
SQLITE("[method]connection.execute")
void sqlite_execute(handle connection, const char *text, size_t length, const value *parameters, size_t count,
                    query_result *result);

static mayfly_string parameter(mayfly_request *request, const char *name, const char *otherwise) {
  mayfly_string found = {(char *)otherwise, strlen(otherwise)};
  mayfly_request_query(request, name, &found);
  return found;
}

static void fail(mayfly_response *response, uint8_t error, mayfly_string text) {
  mayfly_response_printf(response, "error %u %.*s", error, (int)text.length, text.data);
}

static const mayfly_string nothing = {"", 0};

static void store_route(mayfly_request *request, mayfly_response *response, mayfly_string label) {
  mayfly_string key = parameter(request, "key", ""), given = parameter(request, "value", "");
  open_result opened;
  store_open(label.data, label.length, &opened);
  if (opened.is_err) return fail(response, opened.error, nothing);
  if (at(request, "set")) {
    unit_result set;
    store_set(opened.handle, key.data, key.length, given.data, given.length, &set);
    if (set.is_err) return fail(response, set.error, set.text);
    mayfly_response_print(response, "set");
  } else if (at(request, "get")) {
    get_result got;
    store_get(opened.handle, key.data, key.length, &got);
    if (got.is_err) return fail(response, got.error, got.value);
    if (got.is_some) mayfly_response_printf(response, "%.*s", (int)got.value.length, got.value.data);
    else mayfly_response_print(response, "none");
  } else {
    keys_result keys;
    store_get_keys(opened.handle, &keys);
    if (keys.is_err) return fail(response, keys.error, keys.text);
    mayfly_response_printf(response, "%zu", keys.count);
    for (size_t index = 0; index < keys.count && index < 10; index++)
      mayfly_response_printf(response, " %.*s", (int)keys.keys[index].length, keys.keys[index].data);
  }
}

static void count_route(mayfly_request *request, mayfly_response *response, mayfly_string label) {
  mayfly_string key = parameter(request, "key", "");
  open_result opened;
  sum_result sum;
  bucket_open(label.data, label.length, &opened);
  if (opened.is_err) return fail(response, opened.error, nothing);
  bucket_increment(opened.handle, key.data, key.length, 1, &sum);
  if (sum.is_err) return fail(response, sum.error, sum.text);
  mayfly_response_printf(response, "%lld", (long long)sum.sum);
}

static void sql_route(mayfly_request *request, mayfly_response *response, mayfly_string label) {
  mayfly_string text = parameter(request, "text", "SELECT 1"), given;
  value parameters[1] = {{.kind = 4}};
  size_t count = 0;
  open_result opened;
  query_result result;
  sqlite_open(label.data, label.length, &opened);
  if (opened.is_err) return fail(response, opened.error, nothing);
  if (mayfly_request_query(request, "value", &given)) parameters[count++] = (value){.kind = 2, .text = given};
  if (at(request, "hold")) {
    query_result begun;
    sqlite_execute(opened.handle, "BEGIN", 5, NULL, 0, &begun);
  }
  sqlite_execute(opened.handle, text.data, text.length, parameters, count, &result);
  if (at(request, "hold")) __builtin_trap();
  if (result.is_err) return fail(response, result.error, result.text);
  value first = {.kind = 5};
  if (result.row_count > 0) first = result.rows[0].values[0];
  if (first.kind == 0) mayfly_response_printf(response, "integer %lld", (long long)first.integer);
  else if (first.kind == 1) mayfly_response_printf(response, "real %d", (int)first.real);
  else if (first.kind == 2) mayfly_response_printf(response, "text %.*s", (int)first.text.length, first.text.data);
  else if (first.kind == 3) mayfly_response_printf(response, "blob of %zu", first.text.length);
  else mayfly_response_print(response, first.kind == 4 ? "null" : "no rows");
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string label = parameter(request, "label", "default");
  if (at(request, "sql") || at(request, "hold")) return sql_route(request, response, label);
  if (at(request, "count")) return count_route(request, response, label);
  store_route(request, response, label);
}
