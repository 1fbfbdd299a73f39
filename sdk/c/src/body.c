// Bodies: pulling from an input stream, pushing to an output stream with backpressure.
#include "internal.h"

#include <string.h>

void mayfly_wait(handle pollable) {
  pollable_block(pollable);
  pollable_drop(pollable);
}

bool mayfly_incoming_open(incoming *body, handle_result consumed) {
  handle_result stream;
  if (consumed.is_err) return false;
  body->body = consumed.value;
  incoming_body_stream(body->body, &stream);
  if (stream.is_err) return false;
  body->stream = stream.value;
  return true;
}

static ptrdiff_t end_of(incoming *body, stream_error error) {
  body->ended = true;
  if (error.tag != 0) return 0;
  io_error_drop(error.error);
  return -1;
}

ptrdiff_t mayfly_incoming_read(incoming *body, void *buffer, size_t size) {
  read_result result;
  if (body->ended || size == 0) return 0;
  do {
    mayfly_receive_into(buffer, size);
    input_stream_blocking_read(body->stream, size, &result);
    mayfly_receive_into(NULL, 0);
    if (result.is_err) return end_of(body, result.error);
  } while (result.bytes.length == 0);
  if (result.bytes.data != buffer) memcpy(buffer, result.bytes.data, result.bytes.length);
  return (ptrdiff_t)result.bytes.length;
}

void mayfly_incoming_close(incoming *body) {
  if (body->stream != NO_HANDLE) input_stream_drop(body->stream);
  if (body->body != NO_HANDLE) incoming_body_drop(body->body);
  body->stream = body->body = NO_HANDLE;
  body->ended = true;
}

bool mayfly_outgoing_open(outgoing *body, handle_result taken) {
  handle_result stream;
  if (taken.is_err) return false;
  body->body = taken.value;
  outgoing_body_write(body->body, &stream);
  if (stream.is_err) return false;
  body->stream = stream.value;
  return true;
}

static bool failed(outgoing *body, stream_error error) {
  if (error.tag == 0) io_error_drop(error.error);
  body->failed = true;
  return false;
}

static void wait_for_room(outgoing *body) {
  if (body->pollable == NO_HANDLE) body->pollable = output_stream_subscribe(body->stream);
  pollable_block(body->pollable);
}

bool mayfly_outgoing_write(outgoing *body, const void *data, size_t length) {
  const unsigned char *next = data;
  if (body->failed || body->stream == NO_HANDLE) return false;
  while (length > 0) {
    check_write_result room;
    write_result written;
    output_stream_check_write(body->stream, &room);
    if (room.is_err) return failed(body, room.error);
    if (room.permitted == 0) {
      wait_for_room(body);
      continue;
    }
    size_t count = room.permitted < length ? (size_t)room.permitted : length;
    output_stream_write(body->stream, next, count, &written);
    if (written.is_err) return failed(body, written.error);
    next += count;
    length -= count;
  }
  return true;
}

bool mayfly_outgoing_flush(outgoing *body) {
  write_result result;
  if (body->failed || body->stream == NO_HANDLE) return false;
  output_stream_flush(body->stream, &result);
  return result.is_err ? failed(body, result.error) : true;
}

bool mayfly_outgoing_finish(outgoing *body) {
  http_result result;
  if (body->pollable != NO_HANDLE) pollable_drop(body->pollable);
  if (body->stream != NO_HANDLE) output_stream_drop(body->stream);
  body->pollable = body->stream = NO_HANDLE;
  if (body->body == NO_HANDLE) return false;
  outgoing_body_finish(body->body, 0, 0, &result);
  body->body = NO_HANDLE;
  return !result.is_err;
}
