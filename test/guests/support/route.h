// Routing for guests with several behaviours: by the last segment of the path, whatever route leads to them.
#ifndef ROUTE_H
#define ROUTE_H

#include <mayfly.h>
#include <stdlib.h>
#include <string.h>

static inline bool at(mayfly_request *request, const char *segment) {
  mayfly_string path = mayfly_request_path(request);
  size_t length = strlen(segment);
  return path.length > length && path.data[path.length - length - 1] == '/' &&
         memcmp(path.data + path.length - length, segment, length) == 0;
}

static inline unsigned long number_of(mayfly_request *request, const char *name, unsigned long otherwise) {
  mayfly_string value;
  return mayfly_request_query(request, name, &value) ? strtoul(mayfly_c_string(value), NULL, 10) : otherwise;
}

// Makes the compiler keep a block that nothing reads: it leaves such allocations out otherwise.
static inline void keep_block(void *block) {
  __asm__ volatile("" : : "r"(block) : "memory");
}

#endif
