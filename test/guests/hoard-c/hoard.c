// Makes the host hold things: /pollables, /fields, /entries, /bodies, /poll, /from-list, /lines with ?count= and, where it
// makes sense, ?bytes=. /leave?value= leaves `fields` behind and names the handle, /take?handle= looks into one,
// /wait?ms= waits with a timer, /forward?url= asks there and passes the answer on, /ring forwards to itself without end.
// Each answers how far it came.
#include "route.h"

typedef int32_t handle;

typedef struct {
  handle *data;
  size_t count;
} indices;
typedef struct {
  mayfly_string *data;
  size_t count;
} string_list;
typedef struct {
  uint8_t is_err;
  handle value;
} handle_result;
typedef struct {
  uint8_t is_err;
  uint64_t permitted;
} check_write_result;
typedef struct {
  uint8_t bytes[12];
} write_result;

#define IMPORT(interface, function) \
  __attribute__((import_module("wasi:" interface "@" MAYFLY_WASI_VERSION), import_name(function)))
#define HTTP(function) IMPORT("http/types", function)
#define STREAM(function) IMPORT("io/streams", "[method]output-stream." function)

IMPORT("clocks/monotonic-clock", "subscribe-duration") handle subscribe_duration(uint64_t nanoseconds);
IMPORT("io/poll", "poll") void poll_many(const handle *pollables, size_t count, indices *result);
HTTP("[constructor]fields") handle fields_new(void);
HTTP("[static]fields.from-list") void fields_from_list(const mayfly_pair *list, size_t count, handle_result *result);
HTTP("[method]fields.get") void fields_get(handle fields, const char *name, size_t length, string_list *result);
HTTP("[method]fields.append")
void fields_append(handle fields, const char *name, size_t name_length, const char *value, size_t length,
                   uint8_t result[2]);
HTTP("[constructor]outgoing-request") handle outgoing_request_new(handle headers);
HTTP("[method]outgoing-request.body") void outgoing_request_body(handle request, handle_result *result);
HTTP("[method]outgoing-body.write") void outgoing_body_write(handle body, handle_result *result);
STREAM("check-write") void output_stream_check_write(handle stream, check_write_result *result);
STREAM("write") void output_stream_write(handle stream, const void *data, size_t length, write_result *result);

#define LIMIT 65000u
static char filler[LIMIT];

static handle fields_of(size_t bytes) {
  uint8_t result[2];
  handle fields = fields_new();
  if (bytes > 0) fields_append(fields, "x", 1, filler, bytes, result);
  return fields;
}

static void entries(unsigned long count) {
  uint8_t result[2];
  handle fields = fields_new();
  for (unsigned long index = 0; index < count; index++) fields_append(fields, "x", 1, "y", 1, result);
}

// An outgoing request whose body nobody reads.
static bool body_of(size_t bytes) {
  handle_result body, stream;
  check_write_result room;
  write_result written;
  handle request = outgoing_request_new(fields_new());
  outgoing_request_body(request, &body);
  if (body.is_err) return false;
  outgoing_body_write(body.value, &stream);
  if (stream.is_err) return false;
  output_stream_check_write(stream.value, &room);
  if (room.is_err || room.permitted < bytes) return false;
  output_stream_write(stream.value, filler, bytes, &written);
  return written.bytes[0] == 0;
}

static size_t poll_same(unsigned long count) {
  handle pollable = subscribe_duration(0);
  handle *list = malloc(count * sizeof *list);
  indices ready = {NULL, 0};
  if (!list) return 0;
  for (unsigned long index = 0; index < count; index++) list[index] = pollable;
  poll_many(list, count, &ready);
  return ready.count;
}

static bool from_list(unsigned long count) {
  handle_result result = {1, 0};
  mayfly_pair *list = calloc(count, sizeof *list);
  if (!list) return false;
  fields_from_list(list, count, &result);
  return !result.is_err;
}

static void take(mayfly_response *response, handle fields) {
  string_list values;
  fields_get(fields, "x", 1, &values);
  for (size_t index = 0; index < values.count; index++)
    mayfly_response_write(response, values.data[index].data, values.data[index].length);
}

static void forward(mayfly_response *response, const char *url) {
  char part[256];
  ptrdiff_t length;
  mayfly_client *client = mayfly_client_open("GET", url);
  if (!client || !mayfly_client_send(client)) {
    mayfly_response_status(response, 502);
    mayfly_response_print(response, client ? mayfly_client_error(client) : "no URL");
    return;
  }
  mayfly_response_status(response, mayfly_client_status(client));
  while ((length = mayfly_client_read(client, part, sizeof part)) > 0)
    mayfly_response_write(response, part, (size_t)length);
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  unsigned long count = number_of(request, "count", 1), bytes = number_of(request, "bytes", 0), done = 0;
  mayfly_string value;
  uint8_t ignored[2];
  if (bytes > LIMIT) bytes = LIMIT;
  memset(filler, 'f', LIMIT);
  if (at(request, "pollables"))
    for (; done < count; done++) subscribe_duration(1000000);
  if (at(request, "fields"))
    for (; done < count; done++) fields_of(bytes);
  if (at(request, "bodies"))
    while (done < count && body_of(bytes)) done++;
  if (at(request, "lines"))
    for (; done < count; done++) mayfly_log("line");
  if (at(request, "entries")) entries(done = count);
  if (at(request, "poll")) done = poll_same(count);
  if (at(request, "from-list")) done = from_list(count);
  if (at(request, "wait")) mayfly_sleep_ms(number_of(request, "ms", 1));
  if (at(request, "leave") && mayfly_request_query(request, "value", &value)) {
    handle fields = fields_new();
    fields_append(fields, "x", 1, value.data, value.length, ignored);
    done = (unsigned long)fields;
  }
  if (at(request, "ring")) return forward(response, "http://hoard.spin.internal/ring");
  if (at(request, "forward") && mayfly_request_query(request, "url", &value))
    return forward(response, mayfly_c_string(value));
  if (at(request, "take")) return take(response, (handle)number_of(request, "handle", 1));
  mayfly_response_printf(response, "%lu\n", done);
}
