// The components of the network: sockets, and HTTP to elsewhere.
#include "conformance.h"

#define TCP "wasi:sockets/tcp@0.2.12#"
#define STREAMS "wasi:io/streams@0.2.12#"

/** The calls, for an address such as 127.0.0.1:80. */
void tcp(mayfly_request *request) {
  char *at = mayfly_c_string(header(request, "address"));
  unsigned long parts[5] = {0};
  for (int part = 0; part < 5; part++) parts[part] = strtoul(at, &at, 10), at += *at != 0;
  GIVES("n = wasi:sockets/instance-network@0.2.12#instance-network()", "network");
  GIVES("s = wasi:sockets/tcp-create-socket@0.2.12#create-tcp-socket(ipv4)", "ok(tcp-socket)");
  if (has_failed()) return;
  mayfly_string line = mayfly_format(TCP "start-connect(s, n, ipv4({port: %lu, address: (%lu, %lu, %lu, %lu)}))",
                                     parts[4], parts[0], parts[1], parts[2], parts[3]);
  mayfly_string given = run(line);
  if (mayfly_equal(given, "err(access-denied)")) return fail(mayfly_text("access-denied (error 1)"));
  if (!mayfly_equal(given, "ok")) return fail(given);
  GIVES("p = " TCP "subscribe(s)", "pollable");
  GIVES("wasi:io/poll@0.2.12#block(p)", "done");
  GIVES("r = " TCP "finish-connect(s)", "ok((input-stream, output-stream))");
  GIVES(STREAMS "blocking-write-and-flush(r2, \"So rested he by the Tumtum tree\")", "ok");
  GIVES(STREAMS "blocking-read(r, 31)", "ok(\"So rested he by the Tumtum tree\")");
}

/** `HTTP-request-denied` → `HttpRequestDenied`. */
void http(mayfly_request *request, mayfly_response *response) {
  mayfly_string url = header(request, "url");
  if (has_failed()) return;
  mayfly_client *client = mayfly_client_open("POST", mayfly_c_string(mayfly_format("%.*s/", (int)url.length, url.data)));
  mayfly_client_header(client, "content-length", mayfly_text("13"));
  mayfly_client_write(client, "Hello, world!", 13);
  if (!mayfly_client_send(client)) {
    mayfly_string error = rust_error(mayfly_format("err(%s)", mayfly_client_error(client)));
    mayfly_string rest = {error.data + 7 + (starts(error, "Error::HTTP") ? 4 : 0), error.length};
    rest.length -= (size_t)(rest.data - error.data);
    return fail(mayfly_format("incoming-response#get: ErrorCode::%s%.*s", starts(error, "Error::HTTP") ? "Http" : "",
                              (int)rest.length, rest.data));
  }
  mayfly_response_status(response, mayfly_client_status(client));
  mayfly_pairs headers = mayfly_client_response_headers(client);
  for (size_t at = 0; at < headers.count; at++)
    mayfly_response_header(response, mayfly_c_string(headers.pairs[at].name), headers.pairs[at].value);
  char chunk[1024];
  ptrdiff_t length;
  while ((length = mayfly_client_read(client, chunk, sizeof chunk)) > 0) mayfly_response_write(response, chunk, (size_t)length);
}
