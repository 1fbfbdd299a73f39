// Strings: small helpers, and header fields.
#include "internal.h"

#include <string.h>

mayfly_string mayfly_text(const char *text) {
  return (mayfly_string){text, strlen(text)};
}

bool mayfly_equal(mayfly_string left, const char *right) {
  return strlen(right) == left.length && memcmp(left.data, right, left.length) == 0;
}

char *mayfly_c_string(mayfly_string text) {
  char *copy = mayfly_scratch(text.length + 1);
  memcpy(copy, text.data, text.length);
  copy[text.length] = 0;
  return copy;
}

bool mayfly_fields_first(handle fields, const char *name, mayfly_string *value) {
  string_list found;
  fields_get(fields, name, strlen(name), &found);
  if (found.count == 0) return false;
  *value = found.data[0];
  return true;
}

bool mayfly_fields_append(handle fields, const char *name, mayfly_string value) {
  uint8_t result[2];
  fields_append(fields, name, strlen(name), value.data, value.length, result);
  return result[0] == 0;
}
