// Databases of servers: /postgres and /mysql, each with ?url=&text=&value=, give the values of the first row; with &hold= what
// it did in a transaction is left open, and the guest traps.
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
  uint8_t kind;
  union {
    uint8_t boolean;
    int8_t int8;
    int16_t int16;
    int32_t int32;
    int64_t int64;
    float floating32;
    double floating64;
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

enum { BOOLEAN, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT32, FLOAT64, STR, BINARY, NONE, UNSUPPORTED };

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define POSTGRES(function) IMPORT("fermyon:spin/postgres@2.0.0", function)
#define MYSQL(function) IMPORT("fermyon:spin/mysql@2.0.0", function)
POSTGRES("[static]connection.open") void postgres_open(const char *address, size_t length, open_result *result);
POSTGRES("[method]connection.query")
void postgres_query(handle connection, const char *text, size_t length, const value *parameters, size_t count,
                    query_result *result);
MYSQL("[static]connection.open") void mysql_open(const char *address, size_t length, open_result *result);
MYSQL("[method]connection.query")
void mysql_query(handle connection, const char *text, size_t length, const value *parameters, size_t count,
                 query_result *result);

static mayfly_string parameter(mayfly_request *request, const char *name, const char *otherwise) {
  mayfly_string found = {(char *)otherwise, strlen(otherwise)};
  mayfly_request_query(request, name, &found);
  return found;
}

static void print(mayfly_response *response, const value *one) {
  if (one->kind == BOOLEAN) mayfly_response_print(response, one->boolean ? "true" : "false");
  else if (one->kind == INT8) mayfly_response_printf(response, "int8 %d", one->int8);
  else if (one->kind == INT16) mayfly_response_printf(response, "int16 %d", one->int16);
  else if (one->kind == INT32) mayfly_response_printf(response, "int32 %d", one->int32);
  else if (one->kind == INT64) mayfly_response_printf(response, "int64 %lld", (long long)one->int64);
  else if (one->kind == UINT64) mayfly_response_printf(response, "uint64 %llu", (unsigned long long)one->int64);
  else if (one->kind == STR) mayfly_response_printf(response, "str %.*s", (int)one->text.length, one->text.data);
  else if (one->kind == BINARY) mayfly_response_printf(response, "binary of %zu", one->text.length);
  else mayfly_response_print(response, one->kind == NONE ? "null" : "something else");
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string url = parameter(request, "url", ""), text = parameter(request, "text", "SELECT 1"), given;
  value parameters[1];
  size_t count = 0;
  if (mayfly_request_query(request, "value", &given)) parameters[count++] = (value){.kind = STR, .text = given};
  int is_postgres = at(request, "postgres");
  open_result opened;
  (is_postgres ? postgres_open : mysql_open)(url.data, url.length, &opened);
  if (opened.is_err) {
    mayfly_response_printf(response, "error %u %.*s", opened.error, (int)opened.text.length, opened.text.data);
    return;
  }
  query_result result;
  mayfly_string hold;
  int holds = mayfly_request_query(request, "hold", &hold);
  if (holds) (is_postgres ? postgres_query : mysql_query)(opened.handle, "BEGIN", 5, NULL, 0, &result);
  (is_postgres ? postgres_query : mysql_query)(opened.handle, text.data, text.length, parameters, count, &result);
  if (holds) __builtin_trap();
  if (result.is_err) {
    mayfly_response_printf(response, "error %u %.*s", result.error, (int)result.text.length, result.text.data);
    return;
  }
  mayfly_response_printf(response, "%zu rows", result.row_count);
  for (size_t index = 0; result.row_count > 0 && index < result.rows[0].count; index++) {
    mayfly_response_print(response, ", ");
    print(response, &result.rows[0].values[index]);
  }
}
