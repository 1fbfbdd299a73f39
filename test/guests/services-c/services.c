// Servers that a guest asks, a route for each: /redis?address=&command=&first=&second= executes a command and prints what it
// gives, /mqtt?address=&topic=&payload= publishes, /llm?model=&prompt= infers, /log?text= hands over a line of a log.
#include "route.h"

typedef int32_t handle;
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
  _Alignas(4) uint8_t error;
  mayfly_string text;
} unit_result;
typedef struct {
  uint8_t kind;
  union {
    int64_t integer;
    mayfly_string bytes;
  };
} redis_value;
typedef struct {
  uint8_t is_err;
  union {
    struct {
      redis_value *values;
      size_t count;
    };
    struct {
      uint8_t error;
      mayfly_string text;
    };
  };
} redis_result;
typedef struct {
  uint8_t is_err;
  union {
    struct {
      mayfly_string answer;
      uint32_t asked_tokens, given_tokens;
    };
    struct {
      uint8_t error;
      mayfly_string text;
    };
  };
} infer_result;

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define REDIS(function) IMPORT("fermyon:spin/redis@2.0.0", function)
#define MQTT(function) IMPORT("fermyon:spin/mqtt@2.0.0", function)
REDIS("[static]connection.open") void redis_open(const char *address, size_t length, open_result *result);
REDIS("[method]connection.execute")
void redis_execute(handle connection, const char *command, size_t length, const redis_value *arguments, size_t count,
                   redis_result *result);
MQTT("[static]connection.open")
void mqtt_open(const char *address, size_t length, const char *user, size_t user_length, const char *password,
               size_t password_length, uint64_t keep_alive, open_result *result);
MQTT("[method]connection.publish")
void mqtt_publish(handle connection, const char *topic, size_t length, const char *payload, size_t size, int qos,
                  unit_result *result);
IMPORT("fermyon:spin/llm@2.0.0", "infer")
void llm_infer(const char *model, size_t length, const char *prompt, size_t prompt_length, int has_params, int max_tokens,
               float repeat_penalty, int last_n, float temperature, int top_k, float top_p, infer_result *result);

IMPORT("wasi:otel/logs@0.2.0-rc.2", "on-emit") void otel_on_emit(const void *record);

static mayfly_string parameter(mayfly_request *request, const char *name, const char *otherwise) {
  mayfly_string found = {(char *)otherwise, strlen(otherwise)};
  mayfly_request_query(request, name, &found);
  return found;
}

/** The text is there for the last two errors of the first two interfaces, and not for the first. */
static void fail(mayfly_response *response, uint8_t error, mayfly_string text, uint8_t first_with_text) {
  mayfly_string shown = error < first_with_text ? (mayfly_string){"", 0} : text;
  mayfly_response_printf(response, "error %u %.*s", error, (int)shown.length, shown.data);
}

static void redis_route(mayfly_request *request, mayfly_response *response) {
  mayfly_string address = parameter(request, "address", ""), command = parameter(request, "command", "PING");
  redis_value arguments[2];
  size_t count = 0;
  open_result opened;
  redis_result result;
  redis_open(address.data, address.length, &opened);
  if (opened.is_err) return fail(response, opened.error, opened.text, 3);
  if (mayfly_request_query(request, "first", &arguments[count].bytes)) arguments[count++].kind = 1;
  if (mayfly_request_query(request, "second", &arguments[count].bytes)) arguments[count++].kind = 1;
  redis_execute(opened.handle, command.data, command.length, arguments, count, &result);
  if (result.is_err) return fail(response, result.error, result.text, 3);
  mayfly_response_printf(response, "%zu", result.count);
  for (size_t index = 0; index < result.count && index < 10; index++) {
    redis_value value = result.values[index];
    if (value.kind == 0) mayfly_response_print(response, " nil");
    else if (value.kind == 2) mayfly_response_printf(response, " int %lld", (long long)value.integer);
    else
      mayfly_response_printf(response, " %s %.*s", value.kind == 1 ? "status" : "bytes", (int)value.bytes.length,
                             value.bytes.data);
  }
}

static void mqtt_route(mayfly_request *request, mayfly_response *response) {
  mayfly_string address = parameter(request, "address", ""), topic = parameter(request, "topic", "topic");
  mayfly_string payload = parameter(request, "payload", "");
  open_result opened;
  unit_result published;
  mqtt_open(address.data, address.length, "", 0, "", 0, 30, &opened);
  if (opened.is_err) return fail(response, opened.error, opened.text, 2);
  mqtt_publish(opened.handle, topic.data, topic.length, payload.data, payload.length, 1, &published);
  if (published.is_err) return fail(response, published.error, published.text, 2);
  mayfly_response_print(response, "published");
}

static void llm_route(mayfly_request *request, mayfly_response *response) {
  mayfly_string model = parameter(request, "model", ""), prompt = parameter(request, "prompt", "");
  infer_result result;
  llm_infer(model.data, model.length, prompt.data, prompt.length, 1, 5, 1.25f, 6, 0.5f, 7, 0.75f, &result);
  if (result.is_err) return fail(response, result.error, result.text, 1);
  mayfly_response_printf(response, "%.*s %u %u", (int)result.answer.length, result.answer.data, result.asked_tokens,
                         result.given_tokens);
}

static void log_route(mayfly_request *request, mayfly_response *response) {
  // All its fields but one are options without a value: zeros. The body is the fifth.
  static struct {
    uint8_t before[64];
    uint8_t has_body;
    mayfly_string body;
    _Alignas(8) uint8_t after[124];
  } record;
  _Static_assert(sizeof record >= 200, "a log-record has 200 bytes");
  record.has_body = 1;
  record.body = parameter(request, "text", "");
  otel_on_emit(&record);
  mayfly_response_print(response, "handed over");
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  if (at(request, "redis")) return redis_route(request, response);
  if (at(request, "mqtt")) return mqtt_route(request, response);
  if (at(request, "log")) return log_route(request, response);
  llm_route(request, response);
}
