// Parses a JSON text of about 4 KiB `size` times: numbers, strings with escapes, nested arrays and objects.
#include "kernel.h"

typedef struct {
  const char *next;
  const char *end;
  uint32_t checksum;
} parser;

static char text[8192];

static void value(parser *p, int depth);

static void space(parser *p) {
  while (p->next < p->end && (*p->next == ' ' || *p->next == '\n' || *p->next == '\t')) p->next++;
}

static void note(parser *p, uint32_t what) {
  p->checksum = p->checksum * 31u + what;
}

static void string(parser *p) {
  p->next++;
  while (p->next < p->end && *p->next != '"') {
    if (*p->next == '\\') p->next++;
    note(p, (uint8_t)*p->next++);
  }
  p->next++;
}

static void number(parser *p) {
  double result = 0, scale = 1;
  int negative = *p->next == '-';
  if (negative) p->next++;
  while (p->next < p->end && *p->next >= '0' && *p->next <= '9') result = result * 10 + (*p->next++ - '0');
  if (p->next < p->end && *p->next == '.') {
    p->next++;
    while (p->next < p->end && *p->next >= '0' && *p->next <= '9') {
      scale /= 10;
      result += (*p->next++ - '0') * scale;
    }
  }
  note(p, (uint32_t)(int32_t)((negative ? -result : result) * 1000));
}

static void members(parser *p, char close, int depth) {
  p->next++;
  space(p);
  while (p->next < p->end && *p->next != close) {
    value(p, depth + 1);
    space(p);
    if (*p->next == ':' || *p->next == ',') p->next++;
    space(p);
  }
  p->next++;
  note(p, (uint32_t)depth);
}

static void value(parser *p, int depth) {
  space(p);
  switch (*p->next) {
    case '{': return members(p, '}', depth);
    case '[': return members(p, ']', depth);
    case '"': return string(p);
    case 't':
    case 'n': p->next += 4; return note(p, 4);
    case 'f': p->next += 5; return note(p, 5);
    default: return number(p);
  }
}

static uint32_t write_text(void) {
  static const char piece[] = "{\"id\": 12345, \"name\": \"may\\\"fly\", \"tags\": [\"a\", \"bc\", \"\\u0041\"], "
                              "\"size\": -3.25, \"nested\": {\"deep\": [[1, 2], [3, 4.5]], \"on\": true, \"off\": null}}";
  uint32_t length = 0;
  text[length++] = '[';
  while (length + 2 * sizeof piece < 4096) {
    if (length > 1) text[length++] = ',';
    for (size_t i = 0; i + 1 < sizeof piece; i++) text[length++] = piece[i];
  }
  text[length++] = ']';
  return length;
}

KERNEL uint32_t run(uint32_t size) {
  uint32_t length = write_text();
  parser p = {text, text + length, 0};
  for (uint32_t turn = 0; turn < size; turn++) {
    p.next = text;
    value(&p, 0);
  }
  return p.checksum;
}
