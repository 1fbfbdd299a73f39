// Reads types from their text: sizes, members and cases.
#include "calls.h"

static bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

bool type_is(const char *type, const char *kind) {
  while (*kind != 0) {
    if (*type++ != *kind++) return false;
  }
  return !is_letter(*type);
}

const char *type_end(const char *type) {
  int depth = 0;
  for (;; type++) {
    if (*type == 0) return type;
    if (*type == '<' || *type == '{' || *type == '(') depth++;
    else if (*type == '>' || *type == '}' || *type == ')') {
      if (depth-- == 0) return type;
    } else if (*type == ',' && depth == 0) return type;
  }
}

const char *type_inner(const char *type) {
  while (is_letter(*type)) type++;
  return *type == '<' || *type == '{' ? type + 1 : NULL;
}

static const char *element_at(const char *inner, size_t index) {
  if (inner == NULL || *inner == ')' || *inner == '}' || *inner == '>') return NULL;
  for (; index > 0; index--) {
    inner = type_end(inner);
    if (*inner != ',') return NULL;
    inner += 2; // the space behind the comma
  }
  return inner;
}

bool member_at(const char *inner, size_t index, struct member *member) {
  const char *text = element_at(inner, index);
  if (text == NULL) return false;
  const char *end = text;
  while (is_letter(*end)) end++;
  const bool named = end[0] == ':' && end[1] == ' ';
  *member = (struct member){named ? text : NULL, named ? end + 2 : text, named ? (size_t)(end - text) : 0};
  return true;
}

bool case_at(const char *type, size_t index, struct member *member) {
  const char *inner = type_inner(type);
  if (type_is(type, "option") || type_is(type, "result")) {
    if (index > 1) return false;
    const bool option = type_is(type, "option");
    const char *payload = option ? (index == 1 ? inner : NULL) : element_at(inner, index);
    if (payload != NULL && type_is(payload, "_")) payload = NULL;
    const char *name = option ? (index == 0 ? "none" : "some") : index == 0 ? "ok" : "err";
    *member = (struct member){name, payload, option ? 4 : index == 0 ? 2 : 3};
    return true;
  }
  const char *text = element_at(inner, index);
  if (text == NULL) return false;
  const char *end = text;
  while (is_letter(*end)) end++;
  *member = (struct member){text, *end == '(' ? end + 1 : NULL, (size_t)(end - text)};
  return true;
}

bool has_cases(const char *type) {
  return type_is(type, "variant") || type_is(type, "enum") || type_is(type, "option") || type_is(type, "result");
}

bool has_members(const char *type) {
  return type_is(type, "record") || type_is(type, "tuple");
}

uint32_t align_up(uint32_t offset, uint32_t align) {
  return (offset + align - 1) & ~(align - 1);
}

static uint32_t flags_size(const char *type) {
  size_t count = 0;
  struct member member;
  while (case_at(type, count, &member)) count++;
  return count <= 8 ? 1 : count <= 16 ? 2 : 4;
}

/** Of types without parts. No variant here has more than 256 cases. */
static uint32_t scalar_size(const char *type) {
  if (type_is(type, "bool") || type_is(type, "u8") || type_is(type, "s8")) return 1;
  if (type_is(type, "u16") || type_is(type, "s16")) return 2;
  if (type_is(type, "u64") || type_is(type, "s64") || type_is(type, "f64")) return 8;
  if (type_is(type, "flags")) return flags_size(type);
  return 4;
}

uint32_t type_align(const char *type) {
  if (type_is(type, "string") || type_is(type, "list")) return 4;
  if (!has_cases(type) && !has_members(type)) return scalar_size(type);
  uint32_t align = 1;
  struct member member;
  for (size_t at = 0; has_cases(type) ? case_at(type, at, &member) : member_at(type_inner(type), at, &member); at++) {
    if (member.type != NULL && type_align(member.type) > align) align = type_align(member.type);
  }
  return align;
}

uint32_t payload_offset(const char *type) {
  return type_align(type);
}

uint32_t type_size(const char *type) {
  if (type_is(type, "string") || type_is(type, "list")) return 8;
  if (!has_cases(type) && !has_members(type)) return scalar_size(type);
  struct member member;
  uint32_t size = 0;
  if (has_members(type)) {
    for (size_t at = 0; member_at(type_inner(type), at, &member); at++)
      size = align_up(size, type_align(member.type)) + type_size(member.type);
  } else {
    for (size_t at = 0; case_at(type, at, &member); at++)
      if (member.type != NULL && type_size(member.type) > size) size = type_size(member.type);
    size += payload_offset(type);
  }
  return align_up(size, type_align(type));
}
