// Runs a kernel natively: `native <size> [times]` prints the checksum and the nanoseconds of the fastest run.
#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int count, char **arguments) {
  uint32_t size = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 1;
  int times = count > 2 ? atoi(arguments[2]) : 1;
  uint64_t best = UINT64_MAX;
  uint32_t checksum = 0;
  while (times-- > 0) {
    uint64_t start = now_ns();
    checksum = run(size);
    uint64_t taken = now_ns() - start;
    if (taken < best) best = taken;
  }
  printf("%u %llu\n", checksum, (unsigned long long)best);
  return 0;
}
