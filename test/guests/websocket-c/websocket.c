// WebSockets in C, with the world of wit/websocket.wit: what is sent comes back, except for texts that begin with a slash,
// which ask for something (`commands` below). A client whose URL ends in "?refuse=<status>" is refused, one with "?fail" meets
// a handler that fails, and one with "?greet" is sent "welcome" while it opens.
#include <mayfly.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 0, BINARY = 1 };

typedef struct {
  uint8_t is_err;
  _Alignas(4) uint8_t error;
  mayfly_string detail;
} unit_result;
typedef struct {
  uint8_t is_err;
  _Alignas(4) union {
    uint32_t count;
    struct {
      uint8_t error;
      mayfly_string detail;
    };
  };
} count_result;
typedef struct {
  uint8_t is_err;
  _Alignas(4) union {
    mayfly_string bytes;
    struct {
      uint8_t error;
      mayfly_string detail;
    };
  };
} bytes_result;
typedef struct {
  uint8_t is_err;
  mayfly_string text;
} handled;

#define IMPORT(function) \
  __attribute__((import_module("mayfly:websocket/connections@0.1.0"), import_name(function)))
#define ID const char *id, size_t id_length
IMPORT("send") void host_send(ID, int32_t kind, const char *data, size_t length, unit_result *result);
IMPORT("broadcast")
void host_broadcast(const char *topic, size_t size, int32_t kind, const char *data, size_t length, count_result *result);
IMPORT("subscribe") void host_subscribe(ID, const char *topic, size_t length, unit_result *result);
IMPORT("unsubscribe") void host_unsubscribe(ID, const char *topic, size_t length, unit_result *result);
IMPORT("close") void host_close(ID, int32_t code, const char *reason, size_t length, unit_result *result);
IMPORT("refuse") void host_refuse(ID, int32_t status, unit_result *result);
IMPORT("get-state") void host_get_state(ID, bytes_result *result);
IMPORT("set-state") void host_set_state(ID, const char *state, size_t length, unit_result *result);

#define EXPORT(function) __attribute__((export_name("mayfly:websocket/handler@0.1.0#" function)))

static handled done;
// How many events this sandbox has had: there is never more than one.
static int events;

static void *ok(void) {
  done.is_err = 0;
  return &done;
}

static void *fail(mayfly_string text) {
  done.is_err = 1;
  done.text = text;
  return &done;
}

static void say(ID, mayfly_string text) {
  unit_result result;
  host_send(id, id_length, TEXT, text.data, text.length, &result);
}

// "ok", or what the host says of the error: its case, and its text where it has one.
static void tell(ID, unit_result result) {
  static const char *const errors[] = {"no-connection", "access-denied", "limit", "invalid"};
  if (!result.is_err) say(id, id_length, mayfly_text("ok"));
  else if (result.error < 2) say(id, id_length, mayfly_text(errors[result.error]));
  else say(id, id_length, mayfly_format("%s: %.*s", errors[result.error], (int)result.detail.length, result.detail.data));
}

// What stands behind the word and a space; false for another word.
static bool after(mayfly_string text, const char *word, mayfly_string *rest) {
  size_t length = strlen(word);
  if (text.length < length || memcmp(text.data, word, length) != 0) return false;
  if (text.length > length && text.data[length] != ' ') return false;
  size_t skipped = text.length > length ? length + 1 : length;
  *rest = (mayfly_string){text.data + skipped, text.length - skipped};
  return true;
}

// The first word, which is taken away.
static mayfly_string word(mayfly_string *text) {
  const char *space = memchr(text->data, ' ', text->length);
  size_t length = space ? (size_t)(space - text->data) : text->length;
  mayfly_string first = {text->data, length};
  size_t skipped = space ? length + 1 : length;
  *text = (mayfly_string){text->data + skipped, text->length - skipped};
  return first;
}

static int number(mayfly_string text) {
  return atoi(mayfly_c_string(text));
}

// Commands: /id, /events, /join T, /leave T, /say T TEXT, /set TEXT, /get, /close CODE REASON, /refuse STATUS, /to ID TEXT,
// /peek ID, /flood COUNT SIZE, /fail TEXT, /trap, /spin.
static void *command(ID, mayfly_string text) {
  mayfly_string rest;
  unit_result result = {0};
  if (after(text, "/id", &rest)) say(id, id_length, (mayfly_string){id, id_length});
  else if (after(text, "/events", &rest)) say(id, id_length, mayfly_format("%d", events));
  else if (after(text, "/join", &rest)) {
    host_subscribe(id, id_length, rest.data, rest.length, &result);
    tell(id, id_length, result);
  } else if (after(text, "/leave", &rest)) {
    host_unsubscribe(id, id_length, rest.data, rest.length, &result);
    tell(id, id_length, result);
  } else if (after(text, "/say", &rest)) {
    mayfly_string topic = word(&rest);
    count_result count;
    host_broadcast(topic.data, topic.length, TEXT, rest.data, rest.length, &count);
    say(id, id_length, mayfly_format("sent to %u", (unsigned)count.count));
  } else if (after(text, "/set", &rest)) {
    host_set_state(id, id_length, rest.data, rest.length, &result);
    tell(id, id_length, result);
  } else if (after(text, "/get", &rest)) {
    bytes_result state;
    host_get_state(id, id_length, &state);
    say(id, id_length, state.bytes);
  } else if (after(text, "/close", &rest)) {
    mayfly_string code = word(&rest);
    host_close(id, id_length, number(code), rest.data, rest.length, &result);
    if (result.is_err) tell(id, id_length, result);
  } else if (after(text, "/refuse", &rest)) {
    host_refuse(id, id_length, number(rest), &result);
    tell(id, id_length, result);
  } else if (after(text, "/to", &rest)) {
    mayfly_string other = word(&rest);
    host_send(other.data, other.length, TEXT, rest.data, rest.length, &result);
    tell(id, id_length, result);
  } else if (after(text, "/peek", &rest)) {
    bytes_result state;
    host_get_state(rest.data, rest.length, &state);
    say(id, id_length, state.is_err ? mayfly_text("nothing") : state.bytes);
  } else if (after(text, "/flood", &rest)) {
    int count = number(word(&rest));
    size_t size = (size_t)number(rest);
    char *data = calloc(size, 1);
    for (int at = 0; at < count; at++) host_send(id, id_length, BINARY, data, size, &result);
  } else if (after(text, "/fail", &rest)) return fail(rest);
  else if (after(text, "/trap", &rest)) __builtin_trap();
  else if (after(text, "/spin", &rest)) for (volatile int at = 0;; at++) continue;
  return ok();
}

EXPORT("open")
void *handle_open(ID, const char *url, size_t url_length, const mayfly_pair *headers, size_t header_count,
                  const char *protocol, size_t protocol_length) {
  events++;
  unit_result result;
  const char *query = memchr(url, '?', url_length);
  mayfly_string asked = query ? (mayfly_string){query + 1, url_length - (size_t)(query + 1 - url)} : mayfly_text("");
  if (asked.length > 7 && memcmp(asked.data, "refuse=", 7) == 0) {
    host_refuse(id, id_length, number((mayfly_string){asked.data + 7, asked.length - 7}), &result);
  }
  if (mayfly_equal(asked, "fail")) return fail(mayfly_text("not today"));
  if (mayfly_equal(asked, "trap")) __builtin_trap();
  if (mayfly_equal(asked, "spin")) for (volatile int at = 0;; at++) continue;
  if (mayfly_equal(asked, "greet")) say(id, id_length, mayfly_text("welcome"));
  if (mayfly_equal(asked, "leave")) host_close(id, id_length, 4000, "no", 2, &result);
  if (mayfly_equal(asked, "protocol")) say(id, id_length, (mayfly_string){protocol, protocol_length});
  if (mayfly_equal(asked, "url")) say(id, id_length, (mayfly_string){url, url_length});
  if (mayfly_equal(asked, "headers")) {
    for (size_t at = 0; at < header_count; at++) {
      mayfly_string name = headers[at].name, value = headers[at].value;
      say(id, id_length,
          mayfly_format("%.*s: %.*s", (int)name.length, name.data, (int)value.length, value.data));
    }
  }
  return ok();
}

EXPORT("message") void *handle_message(ID, int32_t kind, const char *data, size_t length) {
  events++;
  if (kind == TEXT && length > 0 && data[0] == '/') return command(id, id_length, (mayfly_string){data, length});
  unit_result result;
  host_send(id, id_length, kind, data, length, &result);
  return ok();
}

// The others are told, with the state that the connection had.
EXPORT("close") void *handle_close(ID, int32_t code, const char *reason, size_t length) {
  events++;
  bytes_result state;
  host_get_state(id, id_length, &state);
  mayfly_string text = mayfly_format("%.*s left: %d %.*s", (int)state.bytes.length, state.bytes.data, (int)code,
                                     (int)length, reason);
  count_result count;
  host_broadcast("watchers", 8, TEXT, text.data, text.length, &count);
  return ok();
}
