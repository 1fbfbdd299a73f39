// Mayfly for C: a handler is one function, called once for each HTTP request.
//
//   #include <mayfly.h>
//
//   void mayfly_handle(mayfly_request *request, mayfly_response *response) {
//     mayfly_response_print(response, "Hello");
//   }
//
// Each request runs in a sandbox of its own, so nothing has to be freed, and globals start anew every time.
// Strings that come from the library live until the handler returns; they carry a length and end with no zero byte.
// Functions that wait (read, write, send, sleep) suspend the sandbox and hold no thread.
#ifndef MAYFLY_H
#define MAYFLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *data;
  size_t length;
} mayfly_string;

typedef struct {
  mayfly_string name;
  mayfly_string value;
} mayfly_pair;

typedef struct {
  const mayfly_pair *pairs;
  size_t count;
} mayfly_pairs;

typedef struct mayfly_request mayfly_request;
typedef struct mayfly_response mayfly_response;
typedef struct mayfly_client mayfly_client;
typedef struct mayfly_file mayfly_file;

// The handler that you write.
void mayfly_handle(mayfly_request *request, mayfly_response *response);

// ---- strings

// A string of a C literal or any other string that ends with a zero byte.
mayfly_string mayfly_text(const char *text);
bool mayfly_equal(mayfly_string left, const char *right);
// A copy that ends with a zero byte.
char *mayfly_c_string(mayfly_string text);
// As sprintf, for d i u o x X c s p and %, with width, precision and the sizes h l ll z j. The text ends with a zero
// byte. Floating-point numbers are left to snprintf, which makes a component 30 KB larger.
__attribute__((format(printf, 1, 2))) mayfly_string mayfly_format(const char *format, ...);

// ---- the request

// The method in upper case.
mayfly_string mayfly_request_method(mayfly_request *request);
// The path with the query, as it was sent.
mayfly_string mayfly_request_target(mayfly_request *request);
// The path without the query, as it was sent.
mayfly_string mayfly_request_path(mayfly_request *request);
// The first value of a query parameter, percent-decoded. False when there is none of that name.
bool mayfly_request_query(mayfly_request *request, const char *name, mayfly_string *value);
// The first value of a header. False when there is none of that name.
bool mayfly_request_header(mayfly_request *request, const char *name, mayfly_string *value);
mayfly_pairs mayfly_request_headers(mayfly_request *request);
// Waits for the next bytes of the body and stores at most `size` of them. 0 at the end, -1 when the body broke off.
ptrdiff_t mayfly_request_read(mayfly_request *request, void *buffer, size_t size);

// ---- the response: status and headers first, then the body, which streams. The status is 200 unless set.

// False when the head was sent already or the host refuses the value.
bool mayfly_response_status(mayfly_response *response, unsigned status);
bool mayfly_response_header(mayfly_response *response, const char *name, mayfly_string value);
// Sends the head if it was not yet, then waits until the host took all bytes. False when nobody reads any more.
bool mayfly_response_write(mayfly_response *response, const void *data, size_t length);
bool mayfly_response_print(mayfly_response *response, const char *text);
__attribute__((format(printf, 2, 3))) bool mayfly_response_printf(mayfly_response *response, const char *format, ...);
// Asks the host to pass on what was written, without waiting for it.
bool mayfly_response_flush(mayfly_response *response);

// ---- HTTP requests of your own, to hosts that `allowed_outbound_hosts` names

// `url` is absolute: http://host[:port]/path or https://. NULL when it is not.
mayfly_client *mayfly_client_open(const char *method, const char *url);
bool mayfly_client_header(mayfly_client *client, const char *name, mayfly_string value);
// Streams a request body. Call it any number of times, after the headers and before `send`.
bool mayfly_client_write(mayfly_client *client, const void *data, size_t length);
// Ends the request and waits for the response's head. False: see `mayfly_client_error`.
bool mayfly_client_send(mayfly_client *client);
unsigned mayfly_client_status(mayfly_client *client);
bool mayfly_client_response_header(mayfly_client *client, const char *name, mayfly_string *value);
mayfly_pairs mayfly_client_response_headers(mayfly_client *client);
// As mayfly_request_read, for the response's body.
ptrdiff_t mayfly_client_read(mayfly_client *client, void *buffer, size_t size);
// The case of wasi:http `error-code` that ended the exchange, such as "HTTP-request-denied"; "" when none did.
const char *mayfly_client_error(mayfly_client *client);
// The text that came with an internal-error; empty when there was none.
mayfly_string mayfly_client_error_text(mayfly_client *client);
void mayfly_client_close(mayfly_client *client);

// ---- time, chance, logs, environment

void mayfly_sleep_ms(uint64_t milliseconds);
// Nanoseconds of a clock that never goes back; only differences mean something.
uint64_t mayfly_monotonic_ns(void);
// Seconds since 1970-01-01 UTC.
uint64_t mayfly_unix_time(void);
uint64_t mayfly_random(void);
// Writes a line to stderr: the log of the component.
void mayfly_log(const char *text);
__attribute__((format(printf, 1, 2))) void mayfly_logf(const char *format, ...);
bool mayfly_environment(const char *name, mayfly_string *value);
mayfly_pairs mayfly_environment_all(void);

// ---- files that the manifest mounts (`files`), by the path that the guest sees

// NULL when there is no such file; `mayfly_file_error` then says why, as a case of wasi:filesystem `error-code`.
mayfly_file *mayfly_file_open(mayfly_string path);
const char *mayfly_file_error(void);
uint64_t mayfly_file_size(mayfly_file *file);
ptrdiff_t mayfly_file_read(mayfly_file *file, void *buffer, size_t size);
void mayfly_file_close(mayfly_file *file);

#ifdef __cplusplus
}
#endif

#endif
