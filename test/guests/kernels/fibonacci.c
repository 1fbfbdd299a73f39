// Fibonacci by plain recursion: calls, and nothing else.
#include "kernel.h"

__attribute__((noinline)) static uint32_t fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

KERNEL uint32_t run(uint32_t size) {
  return fibonacci(size);
}
