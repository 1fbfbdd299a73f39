// Quicksort of `size` thousand integers (at most 1,000 thousand).
#include "kernel.h"

#define MOST 1000000u

static uint32_t numbers[MOST];

static void sort(uint32_t *from, uint32_t *to) {
  while (to - from > 1) {
    uint32_t pivot = from[(to - from) / 2], *left = from, *right = to - 1;
    while (left <= right) {
      while (*left < pivot) left++;
      while (*right > pivot) right--;
      if (left > right) break;
      uint32_t swapped = *left;
      *left++ = *right;
      *right-- = swapped;
    }
    sort(left, to);
    to = right + 1;
  }
}

KERNEL uint32_t run(uint32_t size) {
  uint32_t count = size * 1000u > MOST ? MOST : size * 1000u, state = 2463534242u, sum = 0;
  for (uint32_t i = 0; i < count; i++) numbers[i] = next_random(&state);
  sort(numbers, numbers + count);
  for (uint32_t i = 0; i < count; i++) sum = sum * 31u + numbers[i];
  return sum;
}
