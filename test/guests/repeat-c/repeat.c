// Operations of services, one after another: /kv-get, /kv-set, /sqlite-select, /sqlite-insert, /redis-get, /postgres-select,
// each with ?times= and, for servers, &url=. Answers "done"; what an operation answers otherwise than it should is a status 500.
#include "route.h"

typedef int32_t handle;
typedef struct {
  uint8_t is_err;
  union {
    handle handle;
    struct {
      uint8_t error;
      mayfly_string text;
    };
  };
} open_result;
typedef struct {
  uint8_t is_err;
  _Alignas(4) uint8_t error;
  mayfly_string text;
} unit_result;
typedef struct {
  uint8_t is_err;
  _Alignas(4) union {
    uint8_t is_some;
    uint8_t error;
  };
  mayfly_string value;
} get_result;
typedef struct {
  uint8_t kind;
  union {
    int64_t integer;
    mayfly_string text;
  };
} value;
typedef struct {
  value *values;
  size_t count;
} row;
typedef struct {
  uint8_t is_err;
  _Alignas(4) union {
    struct {
      void *columns;
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

enum { SQLITE_INTEGER = 0, SQLITE_TEXT = 2, POSTGRES_INT32 = 3, POSTGRES_STR = 11 };

#define IMPORT(interface, function) __attribute__((import_module("fermyon:spin/" interface "@2.0.0"), import_name(function)))
IMPORT("key-value", "[static]store.open") void store_open(const char *label, size_t length, open_result *result);
IMPORT("key-value", "[method]store.get") void store_get(handle store, const char *key, size_t length, get_result *result);
IMPORT("key-value", "[method]store.set")
void store_set(handle store, const char *key, size_t length, const char *value, size_t size, unit_result *result);
IMPORT("sqlite", "[static]connection.open") void sqlite_open(const char *label, size_t length, open_result *result);
IMPORT("sqlite", "[method]connection.execute")
void sqlite_execute(handle connection, const char *text, size_t length, const value *parameters, size_t count,
                    query_result *result);
IMPORT("redis", "[static]connection.open") void redis_open(const char *address, size_t length, open_result *result);
IMPORT("redis", "[method]connection.get") void redis_get(handle connection, const char *key, size_t length, get_result *result);
IMPORT("postgres", "[static]connection.open") void postgres_open(const char *address, size_t length, open_result *result);
IMPORT("postgres", "[method]connection.query")
void postgres_query(handle connection, const char *text, size_t length, const value *parameters, size_t count,
                    query_result *result);

static unsigned long times, number;
static mayfly_string url;

static bool is_value(bool is_err, mayfly_string text) {
  return !is_err && text.length == 16 && memcmp(text.data, "value of 16 byte", 16) == 0;
}

// The first value of the only row is the text.
static bool is_row(const query_result *result, uint8_t kind) {
  if (result->is_err || result->row_count != 1 || result->rows[0].count != 1) return false;
  const value *found = result->rows[0].values;
  return found->kind == kind && is_value(false, found->text);
}

// Another key each time, of a thousand.
static mayfly_string next_key(void) { return mayfly_format("key-%lu", number++ % 1000); }

static bool kv_get(void) {
  open_result opened;
  get_result got;
  store_open("default", 7, &opened);
  for (unsigned long done = 0; !opened.is_err && done < times; done++) {
    mayfly_string key = next_key();
    store_get(opened.handle, key.data, key.length, &got);
    if (got.is_err || !got.is_some || !is_value(false, got.value)) return false;
  }
  return !opened.is_err;
}

static bool kv_set(void) {
  open_result opened;
  unit_result set;
  store_open("default", 7, &opened);
  for (unsigned long done = 0; !opened.is_err && done < times; done++) {
    mayfly_string key = next_key();
    store_set(opened.handle, key.data, key.length, "value of 16 byte", 16, &set);
    if (set.is_err) return false;
  }
  return !opened.is_err;
}

static bool sqlite(const char *text, bool is_select) {
  open_result opened;
  query_result result;
  sqlite_open("default", 7, &opened);
  for (unsigned long done = 0; !opened.is_err && done < times; done++) {
    value id = {.kind = SQLITE_INTEGER, .integer = (int64_t)(number++ % 1000)};
    value content = {.kind = SQLITE_TEXT, .text = mayfly_text("value of 16 byte")};
    sqlite_execute(opened.handle, text, strlen(text), is_select ? &id : &content, 1, &result);
    if (result.is_err || (is_select && !is_row(&result, SQLITE_TEXT))) return false;
  }
  return !opened.is_err;
}

static bool redis(void) {
  open_result opened;
  get_result got;
  redis_open(url.data, url.length, &opened);
  for (unsigned long done = 0; !opened.is_err && done < times; done++) {
    mayfly_string key = next_key();
    redis_get(opened.handle, key.data, key.length, &got);
    if (got.is_err || !got.is_some || !is_value(false, got.value)) return false;
  }
  return !opened.is_err;
}

static bool postgres(void) {
  static const char text[] = "SELECT text FROM items WHERE id = $1";
  open_result opened;
  query_result result;
  postgres_open(url.data, url.length, &opened);
  for (unsigned long done = 0; !opened.is_err && done < times; done++) {
    value id = {.kind = POSTGRES_INT32, .integer = (int64_t)(number++ % 1000)};
    postgres_query(opened.handle, text, sizeof text - 1, &id, 1, &result);
    if (!is_row(&result, POSTGRES_STR)) return false;
  }
  return !opened.is_err;
}

static bool run(mayfly_request *request) {
  if (at(request, "kv-get")) return kv_get();
  if (at(request, "kv-set")) return kv_set();
  if (at(request, "sqlite-select")) return sqlite("SELECT text FROM items WHERE id = ?", true);
  if (at(request, "sqlite-insert")) return sqlite("INSERT INTO lines (text) VALUES (?)", false);
  if (at(request, "redis-get")) return redis();
  return at(request, "postgres-select") && postgres();
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  times = number_of(request, "times", 1);
  number = number_of(request, "from", 0);
  mayfly_request_query(request, "url", &url);
  bool done = run(request);
  if (!done) mayfly_response_status(response, 500);
  mayfly_response_print(response, done ? "done" : "An operation failed");
}
