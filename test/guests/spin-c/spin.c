// Misbehaves on request: /loop, /loop-in-function, /recurse (its frames in memory), /deep (none), /fill, /copy never end; /grow?pages= asks for memory and
// says what it got, /touch?pages= writes to it, too; /burn?ms= is busy that long; /exit, /unreachable, /out-of-bounds
// and /indirect trap. Everything else answers "ok".
#include "route.h"

#define PAGE 65536u

static volatile uint32_t sink;
static uint8_t block[4 * PAGE];

static void loop(void) {
  for (;;) sink += 1;
}

__attribute__((noinline)) static void step(void) {
  sink += 1;
}

static void loop_in_function(void) {
  for (;;) step();
}

#pragma clang diagnostic ignored "-Winfinite-recursion" // that is its purpose
__attribute__((noinline)) static uint32_t recurse(uint32_t depth) {
  volatile uint32_t frame[4] = {depth};
  return recurse(depth + 1) + frame[depth & 3];
}

__attribute__((noinline)) static uint32_t deep(uint32_t depth) {
  return deep(depth + 1) + sink;
}

// Few instructions, much work: each turn is one bulk instruction over a quarter of a megabyte.
static void fill(void) {
  for (uint8_t value = 0;; value++) memset(block, value, sizeof block);
}

static void copy(void) {
  for (;;) memmove(block, block + 1, sizeof block - 1);
}

static void grow(mayfly_request *request, mayfly_response *response, bool touch) {
  unsigned long pages = number_of(request, "pages", 1);
  size_t from = __builtin_wasm_memory_grow(0, pages);
  if (from != (size_t)-1 && touch) memset((void *)(from * PAGE), 1, pages * PAGE);
  mayfly_response_printf(response, "%s %zu pages\n", from == (size_t)-1 ? "refused, still" : "granted, now",
                         (size_t)__builtin_wasm_memory_size(0));
}

static void burn(unsigned long ms) {
  uint64_t end = mayfly_monotonic_ns() + (uint64_t)ms * 1000000u;
  while (mayfly_monotonic_ns() < end) {
    for (int turn = 0; turn < 100000; turn++) sink += 1;
  }
}

static void (*volatile missing)(void);

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  if (at(request, "loop")) loop();
  if (at(request, "loop-in-function")) loop_in_function();
  if (at(request, "recurse")) sink = recurse(0);
  if (at(request, "deep")) sink = deep(0);
  if (at(request, "fill")) fill();
  if (at(request, "copy")) copy();
  if (at(request, "unreachable")) __builtin_trap();
  if (at(request, "indirect")) missing();
  if (at(request, "out-of-bounds")) sink = *(volatile uint32_t *)0xfffffff0u;
  if (at(request, "grow")) return grow(request, response, false);
  if (at(request, "touch")) return grow(request, response, true);
  if (at(request, "burn")) burn(number_of(request, "ms", 100));
  mayfly_response_print(response, "ok\n");
}
