// One kernel per file: uint32_t run(uint32_t size) does work in proportion to `size` and answers a checksum. The same
// source compiles to a component (world.wit) and natively: cc -O2 native.c sha256.c.
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>
#include <stddef.h>

#ifdef __wasm__
#define KERNEL __attribute__((export_name("run")))
#else
#define KERNEL
#endif

KERNEL uint32_t run(uint32_t size);

static inline uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

#endif
