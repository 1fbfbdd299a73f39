// Sends the request's body back through streams of WASI 0.3: a task that reads 64 KiB at most, writes them, and lets go
// of the stack whenever either has to wait. Several requests may be under way in one instance.
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define TYPES "wasi:http/types@0.3.0"
#define HANDLER "wasi:http/handler@0.3.0"

typedef unsigned u32;
typedef unsigned long long ends; // the readable end of a stream or future, and above it the writable one
typedef u32 handle;

IMPORT(TYPES, "[constructor]fields") handle fields(void);
IMPORT(TYPES, "[static]request.consume-body") void consume_body(handle request, handle result, handle *body);
IMPORT(TYPES, "[future-new-0][static]request.consume-body") ends result_new(void);
IMPORT(TYPES, "[async-lower][future-write-0][static]request.consume-body") u32 result_write(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-0][static]request.consume-body") void result_drop(handle);
IMPORT(TYPES, "[async-lower][stream-read-1][static]request.consume-body") u32 body_read(handle, void *, u32);
IMPORT(TYPES, "[stream-drop-readable-1][static]request.consume-body") void body_drop(handle);
IMPORT(TYPES, "[future-drop-readable-2][static]request.consume-body") void request_trailers_drop(handle);
IMPORT(TYPES, "[static]response.new") void response_new(handle headers, u32 has, handle body, handle trailers, handle *);
IMPORT(TYPES, "[stream-new-0][static]response.new") ends stream_new(void);
IMPORT(TYPES, "[async-lower][stream-write-0][static]response.new") u32 stream_write(handle, const void *, u32);
IMPORT(TYPES, "[stream-drop-writable-0][static]response.new") void stream_drop(handle);
IMPORT(TYPES, "[future-new-1][static]response.new") ends trailers_new(void);
IMPORT(TYPES, "[async-lower][future-write-1][static]response.new") u32 trailers_write(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-1][static]response.new") void trailers_drop(handle);
IMPORT(TYPES, "[future-drop-readable-2][static]response.new") void transmission_drop(handle);
IMPORT("[export]" HANDLER, "[task-return]handle") void respond(u32, u32, u32, ends, u32, u32, u32, u32);
IMPORT("$root", "[waitable-set-new]") handle set_new(void);
IMPORT("$root", "[waitable-set-drop]") void set_drop(handle);
IMPORT("$root", "[waitable-join]") void join(handle, handle set);
IMPORT("$root", "[context-set-0]") void context_set(u32);
IMPORT("$root", "[context-get-0]") u32 context_get(void);

enum { BLOCKED = 0xffffffff, DROPPED = 1 };
enum { EXIT = 0, WAIT = 2 };

struct echo {
  enum { FREE, READING, WRITING, ENDING } step;
  handle set, request, in, out, trailers;
  u32 length, written, ended, pending;
  char buffer[64 * 1024];
};
static struct echo echoes[16];

/** `ok` in either of the two result types that are written: all of it is zero. */
static const ends nothing[16];

static u32 end(struct echo *echo) {
  const handle written[] = {echo->request, echo->trailers};
  for (u32 at = 0; at < 2; at++) join(written[at], 0);
  set_drop(echo->set);
  result_drop(echo->request);
  trailers_drop(echo->trailers);
  echo->step = FREE;
  return EXIT;
}

/** Tells both sides that all went well: the streams are over. */
static u32 begin_end(struct echo *echo) {
  echo->step = ENDING;
  join(echo->in, 0);
  join(echo->out, 0);
  body_drop(echo->in);
  stream_drop(echo->out);
  echo->pending = (result_write(echo->request, nothing) == BLOCKED) + (trailers_write(echo->trailers, nothing) == BLOCKED);
  return echo->pending ? WAIT | echo->set << 4 : end(echo);
}

/** The read or write that was under way gave `result`: its state, and above that the number of bytes. */
static u32 go_on(struct echo *echo, u32 result) {
  while (result != BLOCKED) {
    const u32 count = result >> 4, dropped = (result & 15) == DROPPED;
    if (echo->step == READING) {
      echo->length = count;
      echo->written = 0;
      echo->ended = dropped;
      echo->step = WRITING;
    } else {
      echo->written += count;
      if (dropped) return begin_end(echo);
    }
    if (echo->written < echo->length) {
      result = stream_write(echo->out, echo->buffer + echo->written, echo->length - echo->written);
    } else {
      if (echo->ended) return begin_end(echo);
      echo->step = READING;
      result = body_read(echo->in, echo->buffer, sizeof echo->buffer);
    }
  }
  return WAIT | echo->set << 4;
}

EXPORT("[async-lift]" HANDLER "#handle") u32 handle_request(handle request) {
  struct echo *echo = echoes;
  while (echo->step != FREE) {
    if (++echo == echoes + 16) __builtin_trap();
  }
  handle body[2], response[2];
  const ends result = result_new(), out = stream_new(), trailers = trailers_new();
  consume_body(request, (handle)result, body);
  request_trailers_drop(body[1]);
  response_new(fields(), 1, (handle)out, (handle)trailers, response);
  transmission_drop(response[1]);
  respond(0, response[0], 0, 0, 0, 0, 0, 0);

  echo->set = set_new();
  echo->request = (handle)(result >> 32);
  echo->in = body[0];
  echo->out = (handle)(out >> 32);
  echo->trailers = (handle)(trailers >> 32);
  const handle ours[] = {echo->request, echo->in, echo->out, echo->trailers};
  for (u32 at = 0; at < 4; at++) join(ours[at], echo->set);
  context_set((u32)echo);
  echo->step = READING;
  return go_on(echo, body_read(echo->in, echo->buffer, sizeof echo->buffer));
}

EXPORT("[callback][async-lift]" HANDLER "#handle") u32 handle_event(u32 code, u32 waitable, u32 result) {
  (void)code, (void)waitable;
  struct echo *echo = (struct echo *)context_get();
  if (echo->step != ENDING) return go_on(echo, result);
  return --echo->pending ? WAIT | echo->set << 4 : end(echo);
}

/** Nothing that is called gives strings or lists. */
EXPORT("cabi_realloc") void *cabi_realloc(void *old, u32 old_size, u32 align, u32 size) {
  (void)old, (void)old_size, (void)align, (void)size;
  __builtin_trap();
}
