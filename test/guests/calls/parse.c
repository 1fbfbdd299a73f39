// Values from text. Beside WAVE: `big(1000)` is a string or a list of bytes of that many x, and a handle is the name of
// a variable.
#include "calls.h"

static const char *mistake(struct text *problem, const char *expected, const char *source) {
  put_text(problem, "expected ");
  put_bytes(problem, expected, (size_t)(type_end(expected) - expected));
  put_text(problem, " at: ");
  put_text(problem, source);
  return NULL;
}

const char *skip_spaces(const char *source) {
  while (*source == ' ') source++;
  return source;
}

bool is_name(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

static bool is_word(const char *source, const char *word, size_t length) {
  for (size_t at = 0; at < length; at++)
    if (source[at] != word[at]) return false;
  return !is_name(source[length]);
}

static uint8_t hex(char digit) {
  return (uint8_t)(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
}

/** The bytes between quotes. */
static const char *parse_quoted(const char *source, uint32_t *pair) {
  struct text bytes = {0};
  for (source++; *source != '"' && *source != 0; source++) {
    if (*source != '\\') {
      put(&bytes, *source);
      continue;
    }
    source++;
    if (*source == 'x') {
      put(&bytes, (char)(hex(source[1]) << 4 | hex(source[2])));
      source += 2;
    } else put(&bytes, *source == 'n' ? '\n' : *source == 'r' ? '\r' : *source == 't' ? '\t' : *source == '0' ? 0 : *source);
  }
  pair[0] = (uint32_t)(uintptr_t)bytes.data;
  pair[1] = bytes.length;
  return *source == '"' ? source + 1 : NULL;
}

static const char *parse_unsigned(const char *source, uint64_t *number) {
  *number = 0;
  while (*source >= '0' && *source <= '9') *number = *number * 10 + (uint64_t)(*source++ - '0');
  return source;
}

static const char *parse_bytes(const char *source, uint32_t *pair) {
  if (*source == '"') return parse_quoted(source, pair);
  if (!is_word(source, "big", 3) || source[3] != '(') return NULL;
  uint64_t length;
  source = parse_unsigned(source + 4, &length);
  char *data = grab(length, 1);
  for (uint64_t at = 0; at < length; at++) data[at] = 'x';
  pair[0] = (uint32_t)(uintptr_t)data;
  pair[1] = (uint32_t)length;
  return *source == ')' ? source + 1 : NULL;
}

static const char *parse_float(const char *source, double *number) {
  const bool negative = *source == '-';
  if (negative) source++;
  if (is_word(source, "inf", 3) || is_word(source, "nan", 3)) {
    *number = source[0] == 'i' ? __builtin_inf() : __builtin_nan("");
    if (negative) *number = -*number;
    return source + 3;
  }
  uint64_t whole, part = 0;
  source = parse_unsigned(source, &whole);
  double scale = 1;
  if (*source == '.') {
    const char *from = ++source;
    source = parse_unsigned(source, &part);
    for (; from < source; from++) scale *= 10;
  }
  *number = (double)whole + (double)part / scale;
  if (negative) *number = -*number;
  return source;
}

static const char *parse_scalar(const char *source, const char *type, char *into) {
  if (type_is(type, "bool")) {
    *into = is_word(source, "true", 4);
    return *into ? source + 4 : is_word(source, "false", 5) ? source + 5 : NULL;
  }
  if (type_is(type, "f32") || type_is(type, "f64")) {
    double number;
    source = parse_float(source, &number);
    if (type_is(type, "f64")) *(double *)into = number;
    else *(float *)into = (float)number;
    return source;
  }
  const bool negative = *source == '-';
  uint64_t number;
  const char *from = source + negative;
  source = parse_unsigned(from, &number);
  if (negative) number = -number;
  for (uint32_t at = 0; at < type_size(type); at++) into[at] = (char)(number >> (8 * at));
  return source == from ? NULL : source;
}

static const char *parse_handle(const char *source, char *into) {
  const char *end = source;
  while (is_name(*end)) end++;
  const struct variable *variable = find_variable(source, (size_t)(end - source));
  if (variable == NULL) return NULL;
  *(uint32_t *)into = variable->handle;
  return end;
}

static const char *parse_list(const char *source, const char *element, char *into, struct text *problem) {
  const uint32_t size = type_size(element), align = type_align(element);
  uint32_t count = 0, room = 4;
  char *data = grab(room * size, align);
  if (*source++ != '[') return mistake(problem, "'['", source);
  for (source = skip_spaces(source); *source != ']'; count++) {
    if (count == room) {
      char *wider = grab(2 * room * size, align);
      for (uint32_t at = 0; at < room * size; at++) wider[at] = data[at];
      data = wider;
      room *= 2;
    }
    source = parse_value(source, element, data + count * size, problem);
    if (source == NULL) return NULL;
    source = skip_spaces(source);
    if (*source == ',') source = skip_spaces(source + 1);
  }
  ((uint32_t *)into)[0] = (uint32_t)(uintptr_t)data;
  ((uint32_t *)into)[1] = count;
  return source + 1;
}

static const char *parse_members(const char *source, const char *type, char *into, struct text *problem) {
  struct member member;
  uint32_t offset = 0;
  source++; // the bracket
  for (size_t at = 0; member_at(type_inner(type), at, &member); at++) {
    source = skip_spaces(source);
    if (member.name != NULL && is_word(source, member.name, member.length)) source = skip_spaces(source + member.length + 1);
    offset = align_up(offset, type_align(member.type));
    source = parse_value(source, member.type, into + offset, problem);
    if (source == NULL) return NULL;
    offset += type_size(member.type);
    source = skip_spaces(source);
    if (*source == ',') source++;
  }
  return *source == ')' || *source == '}' ? source + 1 : mistake(problem, "')' or '}'", source);
}

static const char *parse_case(const char *source, const char *type, char *into, struct text *problem) {
  struct member member;
  for (size_t at = 0; case_at(type, at, &member); at++) {
    if (!is_word(source, member.name, member.length)) continue;
    *into = (char)at;
    source += member.length;
    if (member.type == NULL) return source;
    if (*source != '(') return mistake(problem, "'('", source);
    source = parse_value(skip_spaces(source + 1), member.type, into + payload_offset(type), problem);
    if (source == NULL) return NULL;
    source = skip_spaces(source);
    return *source == ')' ? source + 1 : mistake(problem, "')'", source);
  }
  return mistake(problem, type, source);
}

static const char *parse_flags(const char *source, const char *type, char *into, struct text *problem) {
  struct member member;
  uint32_t bits = 0;
  if (*source++ != '{') return mistake(problem, "'{'", source);
  for (source = skip_spaces(source); *source != '}' && *source != 0; source = skip_spaces(source)) {
    size_t at = 0;
    while (case_at(type, at, &member) && !is_word(source, member.name, member.length)) at++;
    bits |= 1u << at;
    while (is_name(*source)) source++;
    if (*source == ',') source++;
  }
  for (uint32_t at = 0; at < type_size(type); at++) into[at] = (char)(bits >> (8 * at));
  return *source == '}' ? source + 1 : mistake(problem, "'}'", source);
}

const char *parse_value(const char *source, const char *type, char *into, struct text *problem) {
  const char *end;
  if (type_is(type, "string") || (type_is(type, "list") && type_is(type_inner(type), "u8")))
    end = parse_bytes(source, (uint32_t *)into);
  else if (type_is(type, "list")) return parse_list(source, type_inner(type), into, problem);
  else if (has_members(type)) return parse_members(source, type, into, problem);
  else if (has_cases(type)) return parse_case(source, type, into, problem);
  else if (type_is(type, "flags")) return parse_flags(source, type, into, problem);
  else if (type_is(type, "own") || type_is(type, "borrow")) end = parse_handle(source, into);
  else end = parse_scalar(source, type, into);
  return end == NULL ? mistake(problem, type, source) : end;
}
