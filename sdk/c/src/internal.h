// What the library's files share among themselves.
#ifndef MAYFLY_INTERNAL_H
#define MAYFLY_INTERNAL_H

#include "wasi.h"

// A body that comes in: of the request, of a client's response, or a file.
typedef struct {
  handle body; // NO_HANDLE for files
  handle stream;
  bool ended;
} incoming;

// A body that goes out.
typedef struct {
  handle body;
  handle stream;
  handle pollable;
  bool failed;
} outgoing;

struct mayfly_request {
  handle request;
  handle headers;
  mayfly_string method;
  mayfly_string target;
  incoming body;
};

struct mayfly_response {
  handle outparam;
  handle headers;
  unsigned status;
  bool sent;
  outgoing body;
};

// Memory that lives until the handler returns, aligned to 8 bytes.
void *mayfly_scratch(size_t size);
void mayfly_scratch_reset(void);
// The next list that the host stores goes into this buffer when it fits, so that reads are not copied.
void mayfly_receive_into(void *buffer, size_t size);

bool mayfly_incoming_open(incoming *body, handle_result consumed);
ptrdiff_t mayfly_incoming_read(incoming *body, void *buffer, size_t size);
void mayfly_incoming_close(incoming *body);

bool mayfly_outgoing_open(outgoing *body, handle_result taken);
bool mayfly_outgoing_write(outgoing *body, const void *data, size_t length);
bool mayfly_outgoing_flush(outgoing *body);
// Ends the body; it counts as complete for the receiver. Returns false when the host says that it was not.
bool mayfly_outgoing_finish(outgoing *body);

// Sends the head unless that was done. False when there is no body to write to.
bool mayfly_response_send_head(mayfly_response *response);
bool mayfly_fields_first(handle fields, const char *name, mayfly_string *value);
bool mayfly_fields_append(handle fields, const char *name, mayfly_string value);
void mayfly_wait(handle pollable);
// Formats into memory that lives until the handler returns.
mayfly_string mayfly_vformat(const char *format, __builtin_va_list list);

#endif
