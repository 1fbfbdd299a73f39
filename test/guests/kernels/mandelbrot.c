// Counts the iterations of the Mandelbrot set over a grid of `size` by `size` points.
#include "kernel.h"

#define MOST 100

KERNEL uint32_t run(uint32_t size) {
  uint32_t total = 0;
  for (uint32_t y = 0; y < size; y++)
    for (uint32_t x = 0; x < size; x++) {
      double cr = 3.0 * x / size - 2.0, ci = 2.0 * y / size - 1.0, zr = 0, zi = 0;
      uint32_t n = 0;
      while (n < MOST && zr * zr + zi * zi < 4) {
        double next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
        n++;
      }
      total = total * 3 + n;
    }
  return total;
}
