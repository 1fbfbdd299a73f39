// Multiplies two square matrices of doubles, `size` rows each (at most 256).
#include "kernel.h"

#define MOST 256

static double left[MOST][MOST], right[MOST][MOST], product[MOST][MOST];

KERNEL uint32_t run(uint32_t size) {
  uint32_t n = size > MOST ? MOST : size;
  double trace = 0;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) {
      left[i][j] = (double)((i * 31 + j * 17) % 101) - 50;
      right[i][j] = (double)((i * 13 + j * 29) % 97) - 48;
      product[i][j] = 0;
    }
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < n; k++)
      for (uint32_t j = 0; j < n; j++) product[i][j] += left[i][k] * right[k][j];
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) trace += product[i][j] * (double)(i + 1);
  return (uint32_t)(int64_t)trace;
}
