// The calls of the request's body, answered line by line, through wasi:http 0.3: a task that keeps its stack while it
// waits, without a library.
#include "calls.h"

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define TYPES "wasi:http/types@0.3.0"
#define HANDLER "wasi:http/handler@0.3.0"

typedef uint32_t u32;
typedef uint64_t ends; // the readable end of a stream or future, and above it the writable one
typedef u32 handle;

IMPORT(TYPES, "[constructor]fields") handle fields(void);
IMPORT(TYPES, "[static]request.consume-body") void consume_body(handle request, handle result, handle *body);
IMPORT(TYPES, "[future-new-0][static]request.consume-body") ends result_new(void);
IMPORT(TYPES, "[future-write-0][static]request.consume-body") u32 result_write(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-0][static]request.consume-body") void result_drop(handle);
IMPORT(TYPES, "[stream-read-1][static]request.consume-body") u32 body_read(handle, void *, u32);
IMPORT(TYPES, "[stream-drop-readable-1][static]request.consume-body") void body_drop(handle);
IMPORT(TYPES, "[future-drop-readable-2][static]request.consume-body") void request_trailers_drop(handle);
IMPORT(TYPES, "[static]response.new") void response_new(handle headers, u32 has, handle body, handle trailers, handle *);
IMPORT(TYPES, "[stream-new-0][static]response.new") ends stream_new(void);
IMPORT(TYPES, "[stream-write-0][static]response.new") u32 stream_write(handle, const void *, u32);
IMPORT(TYPES, "[stream-drop-writable-0][static]response.new") void stream_drop(handle);
IMPORT(TYPES, "[future-new-1][static]response.new") ends trailers_new(void);
IMPORT(TYPES, "[future-write-1][static]response.new") u32 trailers_write(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-1][static]response.new") void trailers_drop(handle);
IMPORT(TYPES, "[future-drop-readable-2][static]response.new") void transmission_drop(handle);
IMPORT("[export]" HANDLER, "[task-return]handle") void respond(u32, u32, u32, ends, u32, u32, u32, u32);

/** `ok` in either of the two result types that are written: all of it is zero. */
static const ends nothing[16];

extern char __heap_base;
static uintptr_t heap;

void *grab(size_t size, size_t align) {
  if (heap == 0) heap = (uintptr_t)&__heap_base;
  heap = (heap + align - 1) & ~(uintptr_t)(align - 1);
  const uintptr_t block = heap;
  heap += size;
  const uintptr_t pages = (heap + 65535) / 65536, have = __builtin_wasm_memory_size(0);
  if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == (size_t)-1) __builtin_trap();
  return (void *)block;
}

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  char *block = grab(size, align);
  for (size_t at = 0; at < old_size; at++) block[at] = ((char *)old)[at];
  return block;
}

void *memcpy(void *to, const void *from, size_t size) {
  for (size_t at = 0; at < size; at++) ((volatile char *)to)[at] = ((const char *)from)[at];
  return to;
}

void *memset(void *to, int byte, size_t size) {
  for (size_t at = 0; at < size; at++) ((volatile char *)to)[at] = (char)byte;
  return to;
}

EXPORT("[async-lift-stackful]" HANDLER "#handle") void handle_request(handle request) {
  handle body[2], response[2];
  struct text lines = {0}, answer = {0};
  char chunk[4096];
  const ends result = result_new(), out = stream_new(), trailers = trailers_new();
  consume_body(request, (handle)result, body);
  u32 dropped = 0;
  while (!dropped) {
    const u32 got = body_read(body[0], chunk, sizeof chunk);
    put_bytes(&lines, chunk, got >> 4);
    dropped = got & 15;
  }
  put(&lines, 0);
  run_lines(lines.data, &answer);

  response_new(fields(), 1, (handle)out, (handle)trailers, response);
  respond(0, response[0], 0, 0, 0, 0, 0, 0);
  for (size_t at = 0; at < answer.length;) {
    const u32 written = stream_write((handle)(out >> 32), answer.data + at, answer.length - at);
    if (written & 15) break;
    at += written >> 4;
  }
  stream_drop((handle)(out >> 32));
  trailers_write((handle)(trailers >> 32), nothing);
  trailers_drop((handle)(trailers >> 32));
  body_drop(body[0]);
  request_trailers_drop(body[1]);
  result_write((handle)(result >> 32), nothing);
  result_drop((handle)(result >> 32));
  transmission_drop(response[1]);
}
