// Formatting without libc's stdio, which would bring a file system and 40 KB along: integers, characters, strings.
#include "internal.h"

#include <string.h>

typedef struct {
  char *data; // NULL while only the length is wanted
  size_t length;
} sink;

typedef struct {
  bool left;
  char pad;
  int width;
  int precision; // -1: none given
  int size;      // of an integer argument: 4 or 8 bytes
} spec;

static void put(sink *out, const char *bytes, size_t count) {
  if (out->data) memcpy(out->data + out->length, bytes, count);
  out->length += count;
}

static void put_padding(sink *out, char pad, int count) {
  while (count-- > 0) put(out, &pad, 1);
}

static void put_field(sink *out, const spec *field, const char *bytes, size_t count) {
  int padding = field->width - (int)count;
  if (!field->left) put_padding(out, field->pad, padding);
  put(out, bytes, count);
  if (field->left) put_padding(out, ' ', padding);
}

static void put_integer(sink *out, const spec *field, uint64_t value, bool negative, unsigned base, const char *digits) {
  char text[24];
  char *end = text + sizeof text, *start = end;
  do {
    *--start = digits[value % base];
    value /= base;
  } while (value);
  if (negative && field->pad == '0' && !field->left) {
    spec rest = *field;
    rest.width--;
    put(out, "-", 1);
    put_field(out, &rest, start, (size_t)(end - start));
    return;
  }
  if (negative) *--start = '-';
  put_field(out, field, start, (size_t)(end - start));
}

typedef struct {
  __builtin_va_list list;
} arguments;

static int number(const char **format, arguments *values) {
  int result = 0;
  if (**format == '*') {
    (*format)++;
    return __builtin_va_arg(values->list, int);
  }
  while (**format >= '0' && **format <= '9') result = result * 10 + *(*format)++ - '0';
  return result;
}

static spec parse_spec(const char **format, arguments *values) {
  spec field = {.pad = ' ', .precision = -1, .size = 4};
  for (;; (*format)++) {
    if (**format == '-') field.left = true;
    else if (**format == '0') field.pad = '0';
    else break;
  }
  field.width = number(format, values);
  if (**format == '.') {
    (*format)++;
    field.precision = number(format, values);
  }
  for (; **format == 'l' || **format == 'z' || **format == 'j' || **format == 'h'; (*format)++) {
    if (**format == 'j' || (**format == 'l' && (*format)[1] == 'l')) field.size = 8;
  }
  return field;
}

static void put_signed(sink *out, const spec *field, arguments *values) {
  int64_t value = field->size == 8 ? __builtin_va_arg(values->list, int64_t) : __builtin_va_arg(values->list, int32_t);
  put_integer(out, field, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, 10, "0123456789");
}

static void put_unsigned(sink *out, const spec *field, arguments *values, unsigned base, const char *digits) {
  uint64_t value = field->size == 8 ? __builtin_va_arg(values->list, uint64_t) : __builtin_va_arg(values->list, uint32_t);
  put_integer(out, field, value, false, base, digits);
}

static void put_text(sink *out, const spec *field, const char *text) {
  if (!text) text = "(null)";
  put_field(out, field, text, field->precision < 0 ? strlen(text) : strnlen(text, (size_t)field->precision));
}

static void put_argument(sink *out, char conversion, const spec *field, arguments *values) {
  char byte;
  switch (conversion) {
    case 'd':
    case 'i': return put_signed(out, field, values);
    case 'u': return put_unsigned(out, field, values, 10, "0123456789");
    case 'o': return put_unsigned(out, field, values, 8, "01234567");
    case 'p':
    case 'x': return put_unsigned(out, field, values, 16, "0123456789abcdef");
    case 'X': return put_unsigned(out, field, values, 16, "0123456789ABCDEF");
    case 's': return put_text(out, field, __builtin_va_arg(values->list, const char *));
    case 'c':
      byte = (char)__builtin_va_arg(values->list, int);
      return put_field(out, field, &byte, 1);
    case '%': return put(out, "%", 1);
    default: __builtin_trap(); // floating point: use snprintf
  }
}

static void format_into(sink *out, const char *format, __builtin_va_list list) {
  arguments values;
  __builtin_va_copy(values.list, list);
  while (*format) {
    size_t plain = strcspn(format, "%");
    put(out, format, plain);
    format += plain;
    if (!*format) break;
    format++;
    spec field = parse_spec(&format, &values);
    put_argument(out, *format++, &field, &values);
  }
  __builtin_va_end(values.list);
}

mayfly_string mayfly_vformat(const char *format, __builtin_va_list list) {
  sink measured = {NULL, 0};
  format_into(&measured, format, list);
  sink written = {mayfly_scratch(measured.length + 1), 0};
  format_into(&written, format, list);
  written.data[written.length] = 0;
  return (mayfly_string){written.data, written.length};
}

mayfly_string mayfly_format(const char *format, ...) {
  __builtin_va_list list;
  __builtin_va_start(list, format);
  mayfly_string text = mayfly_vformat(format, list);
  __builtin_va_end(list);
  return text;
}
