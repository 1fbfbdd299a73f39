#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static int divide(int a, int b) {
  if (b == 0) __builtin_trap();
  return a / b;
}

__attribute__((noinline)) static int sum(const int *values, int count) {
  int total = 0;
  for (int at = 0; at < count; at++) {
    total += values[at];
  }
  return divide(total, count);
}

int main(void) {
  int values[3] = {1, 2, 3};
  int none = getenv("HTTP_COUNT") == NULL ? 0 : atoi(getenv("HTTP_COUNT"));
  printf("Content-Type: text/plain\r\n\r\n");
  printf("%d\n", sum(values, none));
  return 0;
}
