// Outgoing HTTP: one exchange after the other, bodies streaming both ways.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct mayfly_client {
  handle headers;
  handle request;
  handle future;
  handle response;
  handle response_headers;
  int32_t method;
  mayfly_string method_name;
  int32_t scheme;
  mayfly_string authority;
  mayfly_string path;
  outgoing sending;
  incoming receiving;
  bool failed;
  error_code error;
};

#define INTERNAL_ERROR 38
#define NO_ERROR_CODE 255

static const char *const error_names[] = {
    "DNS-timeout", "DNS-error", "destination-not-found", "destination-unavailable", "destination-IP-prohibited",
    "destination-IP-unroutable", "connection-refused", "connection-terminated", "connection-timeout",
    "connection-read-timeout", "connection-write-timeout", "connection-limit-reached", "TLS-protocol-error",
    "TLS-certificate-error", "TLS-alert-received", "HTTP-request-denied", "HTTP-request-length-required",
    "HTTP-request-body-size", "HTTP-request-method-invalid", "HTTP-request-URI-invalid", "HTTP-request-URI-too-long",
    "HTTP-request-header-section-size", "HTTP-request-header-size", "HTTP-request-trailer-section-size",
    "HTTP-request-trailer-size", "HTTP-response-incomplete", "HTTP-response-header-section-size",
    "HTTP-response-header-size", "HTTP-response-body-size", "HTTP-response-trailer-section-size",
    "HTTP-response-trailer-size", "HTTP-response-transfer-coding", "HTTP-response-content-coding",
    "HTTP-response-timeout", "HTTP-upgrade-failed", "HTTP-protocol-error", "loop-detected", "configuration-error",
    "internal-error"};

static const char *const methods[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                      "CONNECT", "OPTIONS", "TRACE", "PATCH"};
#define OTHER_METHOD 9

static int32_t method_tag(const char *method) {
  int32_t tag = 0;
  while (tag < OTHER_METHOD && strcmp(methods[tag], method) != 0) tag++;
  return tag;
}

// Splits scheme://authority[/path][?query]; the fragment is not sent. False when `url` has another form.
static bool split_url(mayfly_client *client, const char *url) {
  if (strncmp(url, "http://", 7) == 0) {
    client->scheme = 0;
    url += 7;
  } else if (strncmp(url, "https://", 8) == 0) {
    client->scheme = 1;
    url += 8;
  } else {
    return false;
  }
  client->authority = (mayfly_string){url, strcspn(url, "/?#")};
  url += client->authority.length;
  client->path = (mayfly_string){url, strcspn(url, "#")};
  if (url[0] == '?') {
    char *path = mayfly_scratch(client->path.length + 1);
    path[0] = '/';
    memcpy(path + 1, url, client->path.length);
    client->path = (mayfly_string){path, client->path.length + 1};
  } else if (client->path.length == 0) {
    client->path = mayfly_text("/");
  }
  return client->authority.length > 0;
}

mayfly_client *mayfly_client_open(const char *method, const char *url) {
  mayfly_client *client = mayfly_scratch(sizeof *client);
  memset(client, 0, sizeof *client);
  client->error.tag = NO_ERROR_CODE;
  client->method = method_tag(method);
  client->method_name = mayfly_text(mayfly_c_string(mayfly_text(method)));
  if (!split_url(client, mayfly_c_string(mayfly_text(url)))) return NULL;
  client->headers = fields_new();
  return client;
}

bool mayfly_client_header(mayfly_client *client, const char *name, mayfly_string value) {
  return client->headers != NO_HANDLE && mayfly_fields_append(client->headers, name, value);
}

static bool fail(mayfly_client *client, const error_code *error) {
  client->failed = true;
  if (error) client->error = *error;
  return false;
}

static bool set_target(mayfly_client *client) {
  handle request = client->request;
  int32_t refused = 0;
  refused |= outgoing_request_set_method(request, client->method, client->method_name.data, client->method_name.length);
  refused |= outgoing_request_set_scheme(request, 1, client->scheme, 0, 0);
  refused |= outgoing_request_set_authority(request, 1, client->authority.data, client->authority.length);
  refused |= outgoing_request_set_path_with_query(request, 1, client->path.data, client->path.length);
  return refused == 0;
}

// Hands the request to the host; its body may be written from then on.
static bool start(mayfly_client *client) {
  handle_result body;
  http_result started;
  if (client->failed || client->headers == NO_HANDLE) return !client->failed;
  client->request = outgoing_request_new(client->headers);
  client->headers = NO_HANDLE;
  if (!set_target(client)) {
    error_code invalid = {.tag = 19}; // HTTP-request-URI-invalid
    return fail(client, &invalid);
  }
  outgoing_request_body(client->request, &body);
  if (!mayfly_outgoing_open(&client->sending, body)) return fail(client, NULL);
  outgoing_handler_handle(client->request, 0, 0, &started);
  client->request = NO_HANDLE;
  if (started.is_err) return fail(client, &started.error);
  client->future = started.value;
  return true;
}

bool mayfly_client_write(mayfly_client *client, const void *data, size_t length) {
  return start(client) && mayfly_outgoing_write(&client->sending, data, length);
}

bool mayfly_client_send(mayfly_client *client) {
  future_response answer;
  handle_result body;
  if (!start(client) || client->future == NO_HANDLE) return false;
  mayfly_outgoing_finish(&client->sending);
  mayfly_wait(future_response_subscribe(client->future));
  future_response_get(client->future, &answer);
  future_response_drop(client->future);
  client->future = NO_HANDLE;
  if (!answer.is_some || answer.taken_twice) return fail(client, NULL);
  if (answer.result.is_err) return fail(client, &answer.result.error);
  client->response = answer.result.value;
  incoming_response_consume(client->response, &body);
  return mayfly_incoming_open(&client->receiving, body) || fail(client, NULL);
}

unsigned mayfly_client_status(mayfly_client *client) {
  return client->response == NO_HANDLE ? 0 : (unsigned)incoming_response_status(client->response);
}

static bool has_headers(mayfly_client *client) {
  if (client->response == NO_HANDLE) return false;
  if (client->response_headers == NO_HANDLE) client->response_headers = incoming_response_headers(client->response);
  return true;
}

bool mayfly_client_response_header(mayfly_client *client, const char *name, mayfly_string *value) {
  return has_headers(client) && mayfly_fields_first(client->response_headers, name, value);
}

mayfly_pairs mayfly_client_response_headers(mayfly_client *client) {
  mayfly_pairs pairs = {NULL, 0};
  if (has_headers(client)) fields_entries(client->response_headers, &pairs);
  return pairs;
}

ptrdiff_t mayfly_client_read(mayfly_client *client, void *buffer, size_t size) {
  if (client->response == NO_HANDLE) return -1;
  return mayfly_incoming_read(&client->receiving, buffer, size);
}

const char *mayfly_client_error(mayfly_client *client) {
  if (client->error.tag < sizeof error_names / sizeof error_names[0]) return error_names[client->error.tag];
  return client->failed ? "internal-error" : "";
}

mayfly_string mayfly_client_error_text(mayfly_client *client) {
  string_variant text;
  if (client->error.tag != INTERNAL_ERROR) return mayfly_text("");
  memcpy(&text, client->error.payload, sizeof text);
  return text.tag == 1 ? text.text : mayfly_text("");
}

void mayfly_client_close(mayfly_client *client) {
  mayfly_outgoing_finish(&client->sending);
  mayfly_incoming_close(&client->receiving);
  if (client->response_headers != NO_HANDLE) fields_drop(client->response_headers);
  if (client->response != NO_HANDLE) incoming_response_drop(client->response);
  if (client->future != NO_HANDLE) future_response_drop(client->future);
  if (client->request != NO_HANDLE) outgoing_request_drop(client->request);
  if (client->headers != NO_HANDLE) fields_drop(client->headers);
  client->request = client->response_headers = client->response = client->future = client->headers = NO_HANDLE;
}
