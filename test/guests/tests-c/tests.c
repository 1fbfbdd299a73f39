// A component of tests, as the plugin spin-test has them: it says which tests it has, and runs them by name. A test whose
// expectation does not hold traps.
#include <mayfly.h>
#include <string.h>

typedef int32_t handle;
typedef struct {
  uint8_t is_some;
  mayfly_string value;
} maybe_text;
typedef struct {
  uint8_t is_err;
  handle value;
} handle_result;
typedef struct {
  uint8_t is_err;
  _Alignas(4) union {
    mayfly_string bytes;
    uint8_t error;
  };
} read_result;
typedef struct {
  uint8_t kind;
  mayfly_string key, value;
} call;
typedef struct {
  mayfly_string label;
  call *calls;
  size_t count;
} store_calls;
typedef struct {
  store_calls *stores;
  size_t count;
} all_calls;
typedef struct {
  uint8_t is_err;
  _Alignas(4) struct {
    void *columns;
    size_t column_count;
    void *rows;
    size_t row_count;
  };
} query_result;

enum { GET = 0, SET = 1 };

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define STORE "fermyon:spin-test-virt/key-value"
#define HTTP "wasi:http/types@0.2.0"
IMPORT(STORE, "[static]store.open") handle store_open(const char *label, size_t length);
IMPORT(STORE, "[method]store.label") void store_label(handle store, mayfly_string *label);
IMPORT(STORE, "[method]store.get") void store_get(handle store, const char *key, size_t length, maybe_text *result);
IMPORT(STORE, "[method]store.set")
void store_set(handle store, const char *key, size_t length, const char *value, size_t size);
IMPORT(STORE, "[method]store.delete") void store_delete(handle store, const char *key, size_t length);
IMPORT(STORE, "calls") void store_all_calls(all_calls *result);
IMPORT(STORE, "reset-calls") void store_reset_calls(void);
IMPORT("fermyon:spin-test-virt/sqlite", "[static]connection.open")
void sqlite_open(const char *name, size_t length, handle_result *result);
IMPORT("fermyon:spin-test-virt/sqlite", "[method]connection.execute")
void sqlite_execute(handle connection, const char *text, size_t length, const void *parameters, size_t count,
                    query_result *result);
IMPORT("fermyon:spin-test-virt/variables", "set")
void variable_set(const char *name, size_t length, const char *value, size_t size);
IMPORT("fermyon:spin-wasi-virt/http-handler", "set-response")
void set_response(const char *url, size_t length, int32_t kind, handle response);
IMPORT("fermyon:spin-test/http-helper", "new-request") handle new_request(handle request, int32_t is_some, handle body);
IMPORT("fermyon:spin-test/http-helper", "new-response") void new_response(handle pair[2]);
IMPORT("fermyon:spin-test/http-helper", "[method]response-receiver.get")
void receiver_get(handle receiver, handle_result *option);
IMPORT("wasi:http/incoming-handler@0.2.0", "handle") void test_handle_request(handle request, handle outparam);
IMPORT(HTTP, "[constructor]fields") handle test_fields_new(void);
IMPORT(HTTP, "[constructor]outgoing-request") handle test_request_new(handle fields);
IMPORT(HTTP, "[method]outgoing-request.set-path-with-query")
int32_t test_request_path(handle request, int32_t is_some, const char *path, size_t length);
IMPORT(HTTP, "[constructor]outgoing-response") handle test_response_new(handle fields);
IMPORT(HTTP, "[method]outgoing-response.set-status-code") int32_t test_response_status(handle response, int32_t status);
IMPORT(HTTP, "[method]incoming-response.status") int32_t test_answer_status(handle response);
IMPORT(HTTP, "[method]incoming-response.consume") void test_answer_consume(handle response, handle_result *result);
IMPORT(HTTP, "[method]incoming-body.stream") void test_body_stream(handle body, handle_result *result);
IMPORT("wasi:io/streams@0.2.0", "[method]input-stream.blocking-read")
void test_stream_read(handle stream, int64_t length, read_result *result);

static void expect(bool holds) {
  if (!holds) __builtin_trap();
}

// Asks the app, and expects a status, and a body that begins like this.
static void ask(const char *path, int32_t status, const char *body) {
  handle request = test_request_new(test_fields_new());
  expect(test_request_path(request, 1, path, strlen(path)) == 0);
  handle pair[2];
  new_response(pair);
  test_handle_request(new_request(request, 0, 0), pair[0]);
  handle_result got, stream;
  receiver_get(pair[1], &got);
  expect(got.is_err); // It is an option: there is an answer.
  expect(test_answer_status(got.value) == status);
  if (!body) return;
  handle_result consumed;
  test_answer_consume(got.value, &consumed);
  expect(!consumed.is_err);
  test_body_stream(consumed.value, &stream);
  expect(!stream.is_err);
  read_result read;
  test_stream_read(stream.value, 4096, &read);
  expect(!read.is_err && read.bytes.length >= strlen(body) && memcmp(read.bytes.data, body, strlen(body)) == 0);
}

static void set_token(void) { variable_set("token", 5, "x", 1); }

static void stores(void) {
  set_token();
  handle store = store_open("cache", 5);
  mayfly_string label;
  store_label(store, &label);
  expect(mayfly_equal(label, "cache"));
  store_set(store, "k", 1, "hello", 5);
  store_set(store, "gone", 4, "x", 1);
  store_delete(store, "gone", 4);
  ask("/stores/get?key=k&label=cache", 200, "hello");
  ask("/stores/set?key=new&label=cache&value=v", 200, NULL);
  maybe_text found;
  store_get(store, "new", 3, &found);
  expect(found.is_some && mayfly_equal(found.value, "v"));
  store_get(store, "gone", 4, &found);
  expect(!found.is_some);
  all_calls all;
  store_all_calls(&all);
  expect(all.count == 1 && mayfly_equal(all.stores[0].label, "cache") && all.stores[0].count == 2);
  const call *calls = all.stores[0].calls;
  expect(calls[0].kind == GET && mayfly_equal(calls[0].key, "k"));
  expect(calls[1].kind == SET && mayfly_equal(calls[1].key, "new") && mayfly_equal(calls[1].value, "v"));
  store_reset_calls();
  store_all_calls(&all);
  expect(all.count == 0);
}

// What another test has set is not there.
static void fresh(void) {
  set_token();
  ask("/stores/get?key=k&label=cache", 200, "none");
}

static void sqlite(void) {
  set_token();
  static const char text[] = "CREATE TABLE t (n)", rows[] = "SELECT * FROM t";
  handle_result opened;
  query_result result;
  sqlite_open("default", 7, &opened);
  expect(!opened.is_err);
  sqlite_execute(opened.value, text, sizeof text - 1, NULL, 0, &result);
  expect(!result.is_err);
  ask("/stores/sql?text=INSERT%20INTO%20t%20VALUES%20(7)", 200, "no rows");
  sqlite_execute(opened.value, rows, sizeof rows - 1, NULL, 0, &result);
  expect(!result.is_err && result.row_count == 1);
}

static void answers(void) {
  set_token();
  static const char url[] = "https://api.example.com/users/7", other[] = "https://api.example.com";
  handle response = test_response_new(test_fields_new());
  expect(test_response_status(response, 418) == 0);
  set_response(url, sizeof url - 1, 1, response);
  set_response(other, sizeof other - 1, 0, 0);
  ask("/sdk/forward?url=https%3A%2F%2Fapi.example.com%2Fusers%2F7", 419, NULL);
  ask("/sdk/forward?url=https%3A%2F%2Fapi.example.com%2F", 201, NULL);
}

static void unanswered(void) {
  set_token();
  ask("/sdk/forward?url=https%3A%2F%2Fapi.example.com%2Fother", 201, NULL);
}

// The variable that the app wants has no value.
static void without_variable(void) { ask("/stores/get?key=k", 200, NULL); }

static const struct {
  const char *name;
  void (*run)(void);
} tests[] = {
    {"stores", stores},   {"fresh", fresh},           {"sqlite", sqlite},
    {"answers", answers}, {"unanswered", unanswered}, {"without-variable", without_variable},
};
enum { COUNT = sizeof tests / sizeof *tests };

__attribute__((export_name("list-tests"))) void *list_tests(void) {
  static mayfly_string names[COUNT];
  static struct {
    mayfly_string *names;
    size_t count;
  } list = {names, COUNT};
  for (size_t index = 0; index < COUNT; index++) names[index] = mayfly_text(tests[index].name);
  return &list;
}

__attribute__((export_name("run"))) void run(const char *name, size_t length) {
  for (size_t index = 0; index < COUNT; index++) {
    if (strlen(tests[index].name) != length || memcmp(tests[index].name, name, length) != 0) continue;
    tests[index].run();
    return;
  }
  expect(false);
}
