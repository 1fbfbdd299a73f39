// Uses memory: /churn?times= allocates and frees blocks of all sizes, /keep?kib= allocates that much and keeps it,
// /exhaust allocates until nothing is left. Each answers how much it got and how large its memory is then.
#include "route.h"

#define KIB 1024u

static unsigned long churn(unsigned long times) {
  unsigned char *held[64] = {0};
  unsigned long bytes = 0;
  uint32_t state = 1;
  for (unsigned long turn = 0; turn < times; turn++) {
    state = state * 1664525u + 1013904223u;
    unsigned char **slot = &held[(state >> 8) % 64];
    size_t size = 1u + (state >> 16) % 20000u;
    free(*slot);
    *slot = malloc(size);
    if (!*slot) return bytes;
    (*slot)[0] = (*slot)[size - 1] = (unsigned char)state;
    bytes += size;
  }
  return bytes;
}

static unsigned long keep(unsigned long kib) {
  unsigned long kept = 0;
  for (; kept < kib; kept++) {
    unsigned char *block = malloc(KIB - 8);
    if (!block) break;
    memset(block, 0xa5, KIB - 8);
    keep_block(block);
  }
  return kept * KIB;
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  unsigned long bytes = 0;
  if (at(request, "churn")) bytes = churn(number_of(request, "times", 10000));
  if (at(request, "keep")) bytes = keep(number_of(request, "kib", 1024));
  if (at(request, "exhaust")) bytes = keep(~0ul);
  mayfly_response_printf(response, "%lu bytes, %zu pages\n", bytes, (size_t)__builtin_wasm_memory_size(0));
}
