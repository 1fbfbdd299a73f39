// Probes isolation. /plant?secret=<hex> leaves a secret wherever a guest can leave bytes; /search?inverted=<hex> looks for
// it in everything that a guest can read, and gets it inverted so that asking does not bring it along; /hash answers
// a hash of the whole memory, which has to be the same in every fresh sandbox. ?grow=<pages> plants in grown memory, too.
// After planting, ?then=trap|loop|recurse|wait|exhaust ends the request in another way than by answering.
// /plant-and-search does both in one request: it shows that the search finds what there is.
#include "route.h"

#define SECRET_BYTES 16
#define PAGE 65536u

// A WebAssembly global of its own, which no C variable is.
__asm__(".globaltype planted_global, i64\nplanted_global:\n");

static uint64_t get_global(void) {
  uint64_t value;
  __asm__ volatile("global.get planted_global\nlocal.set %0" : "=r"(value));
  return value;
}

static void set_global(uint64_t value) {
  __asm__ volatile("local.get %0\nglobal.set planted_global" : : "r"(value));
}

static uint8_t in_data[SECRET_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static uint8_t in_bss[4 * PAGE];

static unsigned digit(char hex) {
  return hex <= '9' ? (unsigned)hex - '0' : ((unsigned)hex | 32u) - 'a' + 10;
}

static bool parse(mayfly_request *request, const char *name, uint8_t bytes[SECRET_BYTES]) {
  mayfly_string hex;
  if (!mayfly_request_query(request, name, &hex) || hex.length != 2 * SECRET_BYTES) return false;
  for (int index = 0; index < SECRET_BYTES; index++)
    bytes[index] = (uint8_t)(digit(hex.data[2 * index]) * 16 + digit(hex.data[2 * index + 1]));
  return true;
}

__attribute__((noinline)) static unsigned plant_on_stack(const uint8_t *secret, int depth) {
  volatile uint8_t frame[256];
  for (size_t index = 0; index < sizeof frame; index++) frame[index] = secret[index % SECRET_BYTES];
  return depth == 0 ? frame[0] : plant_on_stack(secret, depth - 1) + frame[1];
}

static void plant_all(const uint8_t *secret, unsigned long pages) {
  uint64_t word;
  memcpy(in_data, secret, SECRET_BYTES);
  for (size_t at = 0; at + SECRET_BYTES <= sizeof in_bss; at += 4096) memcpy(in_bss + at, secret, SECRET_BYTES);
  for (int size = 16; size <= 16384; size *= 2) {
    uint8_t *heap = malloc((size_t)size);
    memcpy(heap + size - SECRET_BYTES, secret, SECRET_BYTES);
    keep_block(heap);
    if (size % 32 == 0) free(heap);
  }
  plant_on_stack(secret, 100);
  memcpy(&word, secret, sizeof word);
  set_global(word);
  if (pages == 0) return;
  size_t from = __builtin_wasm_memory_grow(0, pages);
  if (from != (size_t)-1) memcpy((void *)(from * PAGE), secret, SECRET_BYTES);
}

static bool found_at(const uint8_t *at, const uint8_t *inverted) {
  for (int index = 0; index < SECRET_BYTES; index++)
    if ((uint8_t)~at[index] != inverted[index]) return false;
  return true;
}

static unsigned search_all(const uint8_t *inverted) {
  unsigned found = 0;
  uint64_t word, global = ~get_global();
  const uint8_t *memory = NULL;
  __asm__("" : "+r"(memory)); // the compiler must not know that this is the null pointer
  size_t size = __builtin_wasm_memory_size(0) * PAGE;
  for (size_t at = 0; at + SECRET_BYTES <= size; at++) found += found_at(memory + at, inverted);
  memcpy(&word, inverted, sizeof word);
  return found + (global == word);
}

static uint64_t hash_all(void) {
  uint64_t hash = 14695981039346656037u;
  const uint8_t *memory = NULL;
  __asm__("" : "+r"(memory));
  size_t size = __builtin_wasm_memory_size(0) * PAGE;
  for (size_t at = 0; at < size; at++) hash = (hash ^ memory[at]) * 1099511628211u;
  return hash ^ get_global();
}

#pragma clang diagnostic ignored "-Winfinite-recursion" // that is its purpose
__attribute__((noinline)) static unsigned recurse(unsigned depth) {
  volatile unsigned frame[4] = {depth};
  return recurse(depth + 1) + frame[depth & 3];
}

static bool is(mayfly_request *request, const char *then) {
  mayfly_string value;
  return mayfly_request_query(request, "then", &value) && mayfly_equal(value, then);
}

static void end_otherwise(mayfly_request *request) {
  if (is(request, "trap")) __builtin_trap();
  if (is(request, "loop"))
    for (;;) in_data[0]++;
  if (is(request, "recurse")) in_data[0] = (uint8_t)recurse(0);
  if (is(request, "wait")) mayfly_sleep_ms(60000);
  if (is(request, "exhaust"))
    while (malloc(65536)) in_data[0]++;
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  uint64_t hash = hash_all();
  uint8_t bytes[SECRET_BYTES];
  if (at(request, "plant") && parse(request, "secret", bytes)) {
    plant_all(bytes, number_of(request, "grow", 0));
    end_otherwise(request);
    mayfly_response_print(response, "planted\n");
  } else if (at(request, "search") && parse(request, "inverted", bytes)) {
    mayfly_response_printf(response, "found %u times\n", search_all(bytes));
  } else if (at(request, "plant-and-search") && parse(request, "secret", bytes)) {
    plant_all(bytes, number_of(request, "grow", 0));
    end_otherwise(request);
    for (int index = 0; index < SECRET_BYTES; index++) bytes[index] = (uint8_t)~bytes[index];
    mayfly_response_printf(response, "found %u times\n", search_all(bytes));
  } else if (at(request, "hash")) {
    mayfly_response_printf(response, "%016llx\n", (unsigned long long)hash);
  } else {
    mayfly_response_status(response, 400);
  }
}
