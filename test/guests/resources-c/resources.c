// A component that exports a resource and imports one like it. Each exported counter owns an imported one and passes
// every call on, so that own and borrow handles cross the boundary in both directions.
#include <mayfly.h>

typedef int32_t handle;

#define IMPORT(function) __attribute__((import_module("test:resources/counters"), import_name(function)))
IMPORT("[constructor]counter") handle host_new(uint32_t start);
IMPORT("[method]counter.add") uint32_t host_add(handle counter, uint32_t by);
IMPORT("[static]counter.larger") uint32_t host_larger(handle left, handle right);
IMPORT("finish") uint32_t host_finish(handle counter);
IMPORT("sum") handle host_sum(const handle *counters, size_t count);
IMPORT("pass") void host_pass(int32_t is_some, handle counter, void *result);
IMPORT("[resource-drop]counter") void host_drop(handle counter);

// The representation of an exported counter is the handle of the imported one.
#define OWN(function) __attribute__((import_module("[export]test:resources/counters"), import_name(function)))
OWN("[resource-new]counter") handle resource_new(handle representation);
OWN("[resource-rep]counter") handle resource_rep(handle counter);
OWN("[resource-drop]counter") void resource_drop(handle counter);

#define EXPORT(function) __attribute__((export_name("test:resources/counters#" function)))

EXPORT("[constructor]counter") handle counter_new(uint32_t start) {
  return resource_new(host_new(start));
}

// `self` and other borrows of an own resource come as representations.
EXPORT("[method]counter.add") uint32_t counter_add(handle self, uint32_t by) {
  return host_add(self, by);
}

EXPORT("[static]counter.larger") uint32_t counter_larger(handle left, handle right) {
  return host_larger(left, right);
}

// Dropping the handle runs the destructor below, which drops the imported counter.
EXPORT("finish") uint32_t finish(handle counter) {
  handle inner = resource_rep(counter);
  uint32_t last = host_add(inner, 0);
  resource_drop(counter);
  return last;
}

EXPORT("sum") handle sum(const handle *counters, size_t count) {
  return resource_new(host_sum(counters, count));
}

static struct {
  uint8_t is_some;
  handle counter;
} passed;

EXPORT("pass") void *pass(int32_t is_some, handle counter) {
  if (!is_some) {
    host_pass(0, 0, &passed);
    return &passed;
  }
  handle fresh = host_new(host_add(resource_rep(counter), 0));
  resource_drop(counter);
  host_pass(1, fresh, &passed);
  if (passed.is_some) passed.counter = resource_new(passed.counter);
  return &passed;
}

__attribute__((export_name("test:resources/counters#[dtor]counter"))) void counter_destroy(handle representation) {
  host_drop(representation);
}
