// Fails, a few calls deep: the log names the component, the reason and these functions.
#include <mayfly.h>

static volatile int guests = 0;

__attribute__((noinline)) static int divide_the_pie(int slices) {
  return slices / guests; // traps: WebAssembly does not divide by zero
}

__attribute__((noinline)) static int serve_dessert(int pies) {
  return divide_the_pie(pies * 8) + 1;
}

__attribute__((noinline)) static int cook_dinner(void) {
  return serve_dessert(2) * 2;
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  (void)request;
  mayfly_response_printf(response, "%d\n", cook_dinner());
}
