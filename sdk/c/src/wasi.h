// Imports of WASI 0.2 by hand: each prototype is the flattened form of one WIT function (CanonicalABI.md, Flattening).
// Only functions that 0.2.0 has. Nothing here is called twice for one purpose; the files beside it give them sense.
#ifndef MAYFLY_WASI_H
#define MAYFLY_WASI_H

#include "mayfly.h"

#define WASI_IMPORT(interface, function) \
  __attribute__((import_module("wasi:" interface "@" MAYFLY_WASI_VERSION), import_name(function)))
#define HTTP_TYPES(function) WASI_IMPORT("http/types", function)
#define STREAMS(function) WASI_IMPORT("io/streams", function)
#define FILESYSTEM(function) WASI_IMPORT("filesystem/types", function)

typedef int32_t handle;
#define NO_HANDLE 0 // handles of the canonical ABI start at 1

// ---- results in memory, with the canonical ABI's alignment

typedef struct {
  mayfly_string *data; // list<list<u8>>: the pairs (pointer, length) are laid out as mayfly_string
  size_t count;
} string_list;

typedef struct {
  uint8_t tag;
  mayfly_string text;
} string_variant; // variants with a string in one case; option<string>

typedef struct {
  uint8_t is_err;
  handle value;
} handle_result;

typedef struct {
  uint8_t tag; // 0 last-operation-failed(error), 1 closed
  handle error;
} stream_error;

typedef struct {
  uint8_t is_err;
  union {
    mayfly_string bytes;
    stream_error error;
  };
} read_result;

typedef struct {
  uint8_t is_err;
  union {
    uint64_t permitted;
    stream_error error;
  };
} check_write_result;

typedef struct {
  uint8_t is_err;
  stream_error error;
} write_result;

typedef struct {
  _Alignas(8) uint8_t tag;
  _Alignas(8) uint8_t payload[24];
} error_code; // wasi:http/types error-code; only internal-error's text is looked at

typedef struct {
  uint8_t is_err;
  union {
    handle value;
    error_code error;
  };
} http_result;

typedef struct {
  uint8_t is_some;
  _Alignas(8) uint8_t taken_twice; // the outer result: an err says that the value was taken before
  http_result result;
} future_response;

_Static_assert(sizeof(string_variant) == 12, "option<string>");
_Static_assert(sizeof(read_result) == 12, "result<list<u8>, stream-error>");
_Static_assert(sizeof(check_write_result) == 16, "result<u64, stream-error>");
_Static_assert(sizeof(write_result) == 12, "result<_, stream-error>");
_Static_assert(sizeof(error_code) == 32, "error-code");
_Static_assert(sizeof(http_result) == 40, "result<own<…>, error-code>");
_Static_assert(sizeof(future_response) == 56, "option<result<result<own<incoming-response>, error-code>>>");

// ---- wasi:io

WASI_IMPORT("io/error", "[resource-drop]error") void io_error_drop(handle error);
WASI_IMPORT("io/poll", "[method]pollable.block") void pollable_block(handle pollable);
WASI_IMPORT("io/poll", "[resource-drop]pollable") void pollable_drop(handle pollable);
STREAMS("[method]input-stream.blocking-read")
void input_stream_blocking_read(handle stream, uint64_t length, read_result *result);
STREAMS("[resource-drop]input-stream") void input_stream_drop(handle stream);
STREAMS("[method]output-stream.check-write") void output_stream_check_write(handle stream, check_write_result *result);
STREAMS("[method]output-stream.write")
void output_stream_write(handle stream, const void *data, size_t length, write_result *result);
STREAMS("[method]output-stream.flush") void output_stream_flush(handle stream, write_result *result);
STREAMS("[method]output-stream.blocking-write-and-flush")
void output_stream_blocking_write_and_flush(handle stream, const void *data, size_t length, write_result *result);
STREAMS("[method]output-stream.subscribe") handle output_stream_subscribe(handle stream);
STREAMS("[resource-drop]output-stream") void output_stream_drop(handle stream);

// ---- wasi:http/types

HTTP_TYPES("[constructor]fields") handle fields_new(void);
HTTP_TYPES("[method]fields.get") void fields_get(handle fields, const char *name, size_t length, string_list *result);
HTTP_TYPES("[method]fields.entries") void fields_entries(handle fields, mayfly_pairs *result);
HTTP_TYPES("[method]fields.append")
void fields_append(handle fields, const char *name, size_t name_length, const char *value, size_t value_length,
                   uint8_t result[2]);
HTTP_TYPES("[resource-drop]fields") void fields_drop(handle fields);

HTTP_TYPES("[method]incoming-request.method") void incoming_request_method(handle request, string_variant *result);
HTTP_TYPES("[method]incoming-request.path-with-query")
void incoming_request_path_with_query(handle request, string_variant *result);
HTTP_TYPES("[method]incoming-request.headers") handle incoming_request_headers(handle request);
HTTP_TYPES("[method]incoming-request.consume") void incoming_request_consume(handle request, handle_result *result);
HTTP_TYPES("[resource-drop]incoming-request") void incoming_request_drop(handle request);
HTTP_TYPES("[method]incoming-body.stream") void incoming_body_stream(handle body, handle_result *result);
HTTP_TYPES("[resource-drop]incoming-body") void incoming_body_drop(handle body);

HTTP_TYPES("[constructor]outgoing-response") handle outgoing_response_new(handle headers);
HTTP_TYPES("[method]outgoing-response.set-status-code")
int32_t outgoing_response_set_status_code(handle response, int32_t status);
HTTP_TYPES("[method]outgoing-response.body") void outgoing_response_body(handle response, handle_result *result);
// result<own<outgoing-response>, error-code> flattens to a tag and the join of the handle with error-code's 7 values.
HTTP_TYPES("[static]response-outparam.set")
void response_outparam_set(handle outparam, int32_t is_err, int32_t value, int32_t, int64_t, int32_t, int32_t, int32_t,
                           int32_t);
HTTP_TYPES("[method]outgoing-body.write") void outgoing_body_write(handle body, handle_result *result);
HTTP_TYPES("[static]outgoing-body.finish")
void outgoing_body_finish(handle body, int32_t has_trailers, handle trailers, http_result *result);

HTTP_TYPES("[constructor]outgoing-request") handle outgoing_request_new(handle headers);
HTTP_TYPES("[method]outgoing-request.set-method")
int32_t outgoing_request_set_method(handle request, int32_t tag, const char *name, size_t length);
HTTP_TYPES("[method]outgoing-request.set-path-with-query")
int32_t outgoing_request_set_path_with_query(handle request, int32_t is_some, const char *path, size_t length);
HTTP_TYPES("[method]outgoing-request.set-scheme")
int32_t outgoing_request_set_scheme(handle request, int32_t is_some, int32_t tag, const char *name, size_t length);
HTTP_TYPES("[method]outgoing-request.set-authority")
int32_t outgoing_request_set_authority(handle request, int32_t is_some, const char *authority, size_t length);
HTTP_TYPES("[method]outgoing-request.body") void outgoing_request_body(handle request, handle_result *result);
HTTP_TYPES("[resource-drop]outgoing-request") void outgoing_request_drop(handle request);
WASI_IMPORT("http/outgoing-handler", "handle")
void outgoing_handler_handle(handle request, int32_t has_options, handle options, http_result *result);
HTTP_TYPES("[method]future-incoming-response.subscribe") handle future_response_subscribe(handle future);
HTTP_TYPES("[method]future-incoming-response.get") void future_response_get(handle future, future_response *result);
HTTP_TYPES("[resource-drop]future-incoming-response") void future_response_drop(handle future);
HTTP_TYPES("[method]incoming-response.status") int32_t incoming_response_status(handle response);
HTTP_TYPES("[method]incoming-response.headers") handle incoming_response_headers(handle response);
HTTP_TYPES("[method]incoming-response.consume") void incoming_response_consume(handle response, handle_result *result);
HTTP_TYPES("[resource-drop]incoming-response") void incoming_response_drop(handle response);

// ---- wasi:clocks, wasi:random, wasi:cli

WASI_IMPORT("clocks/monotonic-clock", "now") int64_t monotonic_clock_now(void);
WASI_IMPORT("clocks/monotonic-clock", "subscribe-duration") handle monotonic_clock_subscribe_duration(int64_t ns);
typedef struct {
  uint64_t seconds;
  uint32_t nanoseconds;
} datetime;
WASI_IMPORT("clocks/wall-clock", "now") void wall_clock_now(datetime *result);
WASI_IMPORT("random/random", "get-random-u64") int64_t random_get_random_u64(void);
WASI_IMPORT("cli/stderr", "get-stderr") handle cli_get_stderr(void);
WASI_IMPORT("cli/environment", "get-environment") void cli_get_environment(mayfly_pairs *result);

// ---- wasi:filesystem

typedef struct {
  handle descriptor;
  mayfly_string path;
} preopen;
typedef struct {
  preopen *data;
  size_t count;
} preopen_list;
typedef struct {
  uint8_t is_err;
  union {
    handle value;
    uint8_t error;
  };
} file_result;
typedef struct {
  _Alignas(8) uint8_t is_err;
  union {
    _Alignas(8) uint8_t error;
    struct {
      _Alignas(8) uint8_t type;
      uint64_t link_count;
      uint64_t size;
      uint64_t timestamps[9]; // three option<datetime>
    };
  };
} stat_result;
_Static_assert(sizeof(file_result) == 8, "result<own<…>, error-code>");
_Static_assert(sizeof(stat_result) == 104, "result<descriptor-stat, error-code>");

WASI_IMPORT("filesystem/preopens", "get-directories") void preopens_get_directories(preopen_list *result);
FILESYSTEM("[method]descriptor.open-at")
void descriptor_open_at(handle directory, int32_t path_flags, const char *path, size_t length, int32_t open_flags,
                        int32_t flags, file_result *result);
FILESYSTEM("[method]descriptor.stat") void descriptor_stat(handle descriptor, stat_result *result);
FILESYSTEM("[method]descriptor.read-via-stream")
void descriptor_read_via_stream(handle descriptor, int64_t offset, file_result *result);
FILESYSTEM("[resource-drop]descriptor") void descriptor_drop(handle descriptor);

#endif
