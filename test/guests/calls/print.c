// Values to text: as WAVE has them, with bytes as text, and with handles as the names of their resources. Of long
// strings and lists the beginning is printed, and how much there is.
#include "calls.h"

enum { SHOWN_BYTES = 400, SHOWN_ELEMENTS = 30, READ_AT_ONCE = 1000 };

void put(struct text *to, char byte) {
  if (to->length == to->capacity) {
    const size_t capacity = to->capacity == 0 ? 256 : 2 * to->capacity;
    char *wider = grab(capacity, 1);
    for (size_t at = 0; at < to->length; at++) wider[at] = to->data[at];
    to->data = wider;
    to->capacity = capacity;
  }
  to->data[to->length++] = byte;
}

void put_bytes(struct text *to, const char *data, size_t length) {
  for (size_t at = 0; at < length; at++) put(to, data[at]);
}

void put_text(struct text *to, const char *text) {
  while (*text != 0) put(to, *text++);
}

void put_number(struct text *to, uint64_t number) {
  if (number >= 10) put_number(to, number / 10);
  put(to, (char)('0' + number % 10));
}

static void print_signed(struct text *to, int64_t number) {
  if (number < 0) put(to, '-');
  put_number(to, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

/** With up to 6 digits behind the point: cases use no other numbers. */
static void print_float(struct text *to, double number) {
  if (number != number) return put_text(to, "nan");
  if (__builtin_signbit(number)) put(to, '-');
  if (number < 0) number = -number;
  if (number == __builtin_inf()) return put_text(to, "inf");
  if (number > 1e18) return put_text(to, "large");
  uint64_t whole = (uint64_t)number, part = (uint64_t)((number - (double)whole) * 1e6 + 0.5);
  put_number(to, part == 1000000 ? whole + 1 : whole);
  part %= 1000000;
  if (part == 0) return;
  put(to, '.');
  for (uint64_t unit = 100000; part > 0; unit /= 10) {
    put(to, (char)('0' + part / unit));
    part %= unit;
  }
}

static void print_bytes(struct text *to, const char *data, size_t length) {
  static const char digits[] = "0123456789abcdef";
  put(to, '"');
  for (size_t at = 0; at < length && at < SHOWN_BYTES; at++) {
    const uint8_t byte = (uint8_t)data[at];
    if (byte == '"' || byte == '\\') put(to, '\\');
    if (byte == '\n') put_text(to, "\\n");
    else if (byte < 32 || byte == 127) {
      put_text(to, "\\x");
      put(to, digits[byte >> 4]);
      put(to, digits[byte & 15]);
    } else put(to, (char)byte);
  }
  put(to, '"');
  if (length <= SHOWN_BYTES) return;
  put_text(to, "...");
  put_number(to, length);
}

static void print_list(struct text *to, const char *element, const char *data, uint32_t count, const struct pipe **pipes) {
  put(to, '[');
  for (uint32_t at = 0; at < count && at < SHOWN_ELEMENTS; at++) {
    if (at > 0) put_text(to, ", ");
    print_value(to, element, data + at * type_size(element), pipes);
  }
  put(to, ']');
  if (count <= SHOWN_ELEMENTS) return;
  put_text(to, "...");
  put_number(to, count);
}

/** All that a stream gives, as a list; or the value of a future. */
static void print_pipe(struct text *to, const char *type, uint32_t end, const struct pipe **pipes) {
  const char *element = type_inner(type);
  const struct pipe *pipe = (*pipes)++;
  const uint32_t size = type_size(element);
  char *buffer = grab(READ_AT_ONCE * size, 8);
  if (type_is(type, "future")) {
    pipe->read(end, buffer, 1);
    print_value(to, element, buffer, pipes);
  } else {
    struct text shown = {0};
    uint32_t count = 0, dropped = 0;
    while (!dropped) {
      const uint32_t result = pipe->read(end, buffer, READ_AT_ONCE);
      for (uint32_t at = 0; at < result >> 4; at++, count++) {
        if (count >= SHOWN_ELEMENTS) continue;
        if (count > 0) put_text(&shown, ", ");
        print_value(&shown, element, buffer + at * size, pipes);
      }
      dropped = result & 15;
    }
    put_text(to, "stream[");
    put_bytes(to, shown.data, shown.length);
    put(to, ']');
    if (count > SHOWN_ELEMENTS) {
      put_text(to, "...");
      put_number(to, count);
    }
  }
  pipe->drop(end);
}

static void print_members(struct text *to, const char *type, const char *from, const struct pipe **pipes) {
  struct member member;
  uint32_t offset = 0;
  put(to, type_is(type, "tuple") ? '(' : '{');
  for (size_t at = 0; member_at(type_inner(type), at, &member); at++) {
    if (at > 0) put_text(to, ", ");
    if (member.name != NULL) {
      put_bytes(to, member.name, member.length);
      put_text(to, ": ");
    }
    offset = align_up(offset, type_align(member.type));
    print_value(to, member.type, from + offset, pipes);
    offset += type_size(member.type);
  }
  put(to, type_is(type, "tuple") ? ')' : '}');
}

static void print_case(struct text *to, const char *type, const char *from, const struct pipe **pipes) {
  struct member member;
  if (!case_at(type, *(const uint8_t *)from, &member)) return put_text(to, "?");
  put_bytes(to, member.name, member.length);
  if (member.type == NULL) return;
  put(to, '(');
  print_value(to, member.type, from + payload_offset(type), pipes);
  put(to, ')');
}

static void print_flags(struct text *to, const char *type, const char *from) {
  struct member member;
  uint32_t bits = 0;
  for (uint32_t at = 0; at < type_size(type); at++) bits |= (uint32_t)(uint8_t)from[at] << (8 * at);
  put(to, '{');
  for (size_t at = 0, shown = 0; case_at(type, at, &member); at++) {
    if (!(bits >> at & 1)) continue;
    if (shown++ > 0) put_text(to, ", ");
    put_bytes(to, member.name, member.length);
  }
  put(to, '}');
}

/** The last part of `own<wasi:io/streams/input-stream>`. */
static void print_resource(struct text *to, const char *type) {
  const char *from = type_inner(type), *end = type_end(from);
  for (const char *at = from; at < end; at++)
    if (*at == '/') from = at + 1;
  put_bytes(to, from, (size_t)(end - from));
}

void print_value(struct text *to, const char *type, const char *from, const struct pipe **pipes) {
  const uint32_t *pair = (const uint32_t *)from;
  if (type_is(type, "string")) return print_bytes(to, (const char *)(uintptr_t)pair[0], pair[1]);
  if (type_is(type, "list")) {
    const char *element = type_inner(type), *data = (const char *)(uintptr_t)pair[0];
    if (type_is(element, "u8")) return print_bytes(to, data, pair[1]);
    return print_list(to, element, data, pair[1], pipes);
  }
  if (has_members(type)) return print_members(to, type, from, pipes);
  if (has_cases(type)) return print_case(to, type, from, pipes);
  if (type_is(type, "flags")) return print_flags(to, type, from);
  if (type_is(type, "own")) return print_resource(to, type);
  if (type_is(type, "stream") || type_is(type, "future")) return print_pipe(to, type, pair[0], pipes);
  if (type_is(type, "bool")) return put_text(to, *from ? "true" : "false");
  if (type_is(type, "f64")) return print_float(to, *(const double *)from);
  if (type_is(type, "f32")) return print_float(to, *(const float *)from);
  if (type_is(type, "s8")) return print_signed(to, *(const int8_t *)from);
  if (type_is(type, "s16")) return print_signed(to, *(const int16_t *)from);
  if (type_is(type, "s32")) return print_signed(to, *(const int32_t *)from);
  if (type_is(type, "s64")) return print_signed(to, *(const int64_t *)from);
  if (type_size(type) == 1) return put_number(to, *(const uint8_t *)from);
  if (type_size(type) == 2) return put_number(to, *(const uint16_t *)from);
  put_number(to, type_size(type) == 8 ? *(const uint64_t *)from : *(const uint32_t *)from);
}
