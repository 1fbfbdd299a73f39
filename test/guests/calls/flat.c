// Values as flat parameters: what the Canonical ABI passes to a core function one by one. Each slot holds raw bits.
#include "calls.h"

size_t flat_count(const char *type) {
  if (type_is(type, "string") || type_is(type, "list")) return 2;
  if (!has_cases(type) && !has_members(type)) return 1;
  struct member member;
  size_t count = 0;
  if (has_members(type)) {
    for (size_t at = 0; member_at(type_inner(type), at, &member); at++) count += flat_count(member.type);
    return count;
  }
  for (size_t at = 0; case_at(type, at, &member); at++) {
    if (member.type != NULL && flat_count(member.type) > count) count = flat_count(member.type);
  }
  return count + 1;
}

static uint64_t scalar(const char *type, const char *from) {
  if (type_is(type, "s8")) return (uint32_t)*(const int8_t *)from;
  if (type_is(type, "s16")) return (uint32_t)*(const int16_t *)from;
  switch (type_size(type)) {
    case 1: return *(const uint8_t *)from;
    case 2: return *(const uint16_t *)from;
    case 4: return *(const uint32_t *)from;
    default: return *(const uint64_t *)from;
  }
}

size_t flatten(const char *type, const char *from, uint64_t *slots) {
  struct member member;
  if (type_is(type, "string") || type_is(type, "list")) {
    slots[0] = ((const uint32_t *)from)[0];
    slots[1] = ((const uint32_t *)from)[1];
    return 2;
  }
  if (has_members(type)) {
    size_t count = 0;
    uint32_t offset = 0;
    for (size_t at = 0; member_at(type_inner(type), at, &member); at++) {
      offset = align_up(offset, type_align(member.type));
      count += flatten(member.type, from + offset, slots + count);
      offset += type_size(member.type);
    }
    return count;
  }
  if (!has_cases(type)) {
    slots[0] = scalar(type, from);
    return 1;
  }
  const size_t count = flat_count(type);
  for (size_t at = 0; at < count; at++) slots[at] = 0;
  slots[0] = *(const uint8_t *)from;
  case_at(type, slots[0], &member);
  if (member.type != NULL) flatten(member.type, from + payload_offset(type), slots + 1);
  return count;
}
