// Runs lines: `[name =] interface#function(parameters)`. The function is the whole name, or what follows its last point.
// `name` keeps the first handles of the result, all of them as `name`, `name2`, `name3`. Beside calls there are `trap()`,
// `repeat(1000) line`, in which `$n` counts from 1, and `drop(name)`.
#include "calls.h"

enum { VARIABLES = 2000, MAX_FLAT = 16, SLOTS = 200 };

static struct variable variables[VARIABLES];
static size_t variable_count;

static bool same(const char *left, const char *right, size_t length) {
  for (size_t at = 0; at < length; at++)
    if (left[at] != right[at]) return false;
  return true;
}

static size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

const struct variable *find_variable(const char *name, size_t length) {
  for (size_t at = variable_count; at > 0; at--) { // the newest counts
    const struct variable *one = &variables[at - 1];
    if (one->length == length && same(one->name, name, length)) return one;
  }
  return NULL;
}

static const struct function *find_function(const char *name, size_t length) {
  size_t interface = 0;
  while (interface < length && name[interface] != '#') interface++;
  for (size_t at = 0; at < function_count; at++) {
    const char *full = functions[at].name;
    const size_t whole = length_of(full), rest = length - interface - 1;
    if (!same(full, name, interface + 1) || whole < length) continue;
    const char before = full[whole - rest - 1];
    if ((before == '.' || before == '#') && same(full + whole - rest, name + interface + 1, rest)) return &functions[at];
  }
  return NULL;
}

/** Keeps the handles of a value under the name, in order: name, name2, name3. */
static void keep(const char *name, size_t length, size_t *index, const char *type, const char *from) {
  struct member member;
  if (type_is(type, "own")) {
    ++*index;
    char *numbered = grab(length + 1, 1);
    for (size_t at = 0; at < length; at++) numbered[at] = name[at];
    numbered[length] = (char)('0' + *index);
    if (variable_count < VARIABLES)
      variables[variable_count++] = (struct variable){numbered, type, length + (*index > 1), *(const uint32_t *)from};
  } else if (has_members(type)) {
    uint32_t offset = 0;
    for (size_t at = 0; member_at(type_inner(type), at, &member); at++) {
      offset = align_up(offset, type_align(member.type));
      keep(name, length, index, member.type, from + offset);
      offset += type_size(member.type);
    }
  } else if (has_cases(type) && case_at(type, *(const uint8_t *)from, &member)) {
    if (member.type != NULL) keep(name, length, index, member.type, from + payload_offset(type));
  } else if (type_is(type, "list") && ((const uint32_t *)from)[1] > 0) {
    const char *element = type_inner(type), *data = (const char *)(uintptr_t)((const uint32_t *)from)[0];
    for (uint32_t at = 0; at < ((const uint32_t *)from)[1] && *index < 9; at++)
      keep(name, length, index, element, data + at * type_size(element));
  }
}

/** Parameters become a tuple in memory, and that is flattened, unless it has too many parts. */
static const char *parse_parameters(const char *source, const char *inner, uint64_t *slots, size_t *count, struct text *to) {
  struct member member;
  uint32_t size = 0;
  size_t flat = 0;
  for (size_t at = 0; member_at(inner, at, &member); at++) {
    size = align_up(size, type_align(member.type)) + type_size(member.type);
    flat += flat_count(member.type);
  }
  char *memory = grab(size + 1, 8);
  for (uint32_t at = 0; at < size; at++) memory[at] = 0;
  uint32_t offset = 0;
  for (size_t at = 0; member_at(inner, at, &member); at++) {
    source = skip_spaces(source);
    offset = align_up(offset, type_align(member.type));
    source = parse_value(source, member.type, memory + offset, to);
    if (source == NULL) return NULL;
    if (flat <= MAX_FLAT) *count += flatten(member.type, memory + offset, slots + *count);
    offset += type_size(member.type);
    source = skip_spaces(source);
    if (*source == ',') source++;
  }
  if (flat > MAX_FLAT) slots[(*count)++] = (uint32_t)(uintptr_t)memory;
  return source;
}

static void call(const struct function *function, const char *source, const char *name, size_t length, struct text *to) {
  uint64_t slots[SLOTS];
  size_t count = 0, index = 0;
  const char *inner = function->type;
  while (*inner != '(') inner++;
  const char *end = type_end(inner + 1);
  while (*end == ',') end = type_end(end + 2);
  const char *result = end[1] == 0 ? NULL : end + 5; // behind `) -> `
  source = parse_parameters(source, inner + 1, slots, &count, to);
  if (source == NULL) return;
  if (*source != ')') return put_text(to, "too many parameters");
  char *memory = result == NULL ? NULL : grab(type_size(result) + 8, 8);
  const bool through_memory = result != NULL && flat_count(result) > 1;
  if (through_memory) slots[count] = (uint32_t)(uintptr_t)memory;
  function->run(slots);
  if (result == NULL) return put_text(to, "done");
  if (!through_memory)
    for (uint32_t at = 0; at < type_size(result); at++) memory[at] = (char)(slots[0] >> (8 * at));
  if (name != NULL) keep(name, length, &index, result, memory);
  const struct pipe *pipes = function->pipes;
  print_value(to, result, memory, &pipes);
}

static void drop(const char *name, struct text *to) {
  size_t length = 0;
  while (is_name(name[length])) length++;
  const struct variable *variable = find_variable(name, length);
  if (variable == NULL) return put_text(to, "no such variable");
  const char *resource = type_inner(variable->type), *end = type_end(resource), *slash = end;
  while (*slash != '/') slash--;
  for (size_t at = 0; at < function_count; at++) {
    const char *full = functions[at].name, *hash = full;
    while (*hash != '#') hash++;
    const size_t interface = (size_t)(slash - resource), rest = (size_t)(end - slash - 1);
    const char after = full[interface];
    if (!same(full, resource, interface) || (after != '@' && after != '#')) continue;
    if (!same(hash + 1, "[resource-drop]", 15) || length_of(hash + 16) != rest || !same(hash + 16, slash + 1, rest)) continue;
    uint64_t slots[1] = {variable->handle};
    functions[at].run(slots);
    return put_text(to, "done");
  }
  put_text(to, "cannot be dropped");
}

/** The line once for each number, of which the last answer counts. */
static void repeat(const char *source, struct text *to) {
  uint64_t times = 0;
  while (*source >= '0' && *source <= '9') times = times * 10 + (uint64_t)(*source++ - '0');
  const size_t before = to->length;
  const char *line = skip_spaces(source + 1);
  const size_t variables_before = variable_count;
  for (uint64_t number = 1; number <= times; number++) {
    struct text filled = {0};
    for (const char *at = line; *at != 0; at++) {
      if (at[0] == '$' && at[1] == 'n') {
        put_number(&filled, number);
        at++;
      } else put(&filled, *at);
    }
    put(&filled, 0);
    to->length = before;
    variable_count = variables_before;
    run_line(filled.data, to);
  }
}

void run_line(const char *line, struct text *to) {
  const char *name = NULL, *end = line;
  size_t length = 0;
  while (is_name(*end)) end++;
  if (same(end, " = ", 3)) {
    name = line;
    length = (size_t)(end - line);
    line = end + 3;
  }
  if (same(line, "trap()", 6)) __builtin_trap();
  if (same(line, "drop(", 5)) return drop(line + 5, to);
  if (same(line, "repeat(", 7)) return repeat(line + 7, to);
  end = line;
  while (*end != '(' && *end != 0) end++;
  const struct function *function = find_function(line, (size_t)(end - line));
  if (function == NULL || *end != '(') {
    put_text(to, "no such function: ");
    return put_text(to, line);
  }
  call(function, end + 1, name, length, to);
}

void run_lines(char *lines, struct text *to) {
  while (*lines != 0) {
    char *end = lines;
    while (*end != '\n' && *end != 0) end++;
    const bool more = *end == '\n';
    *end = 0;
    if (*lines != 0) {
      run_line(lines, to);
      put(to, '\n');
    }
    lines = more ? end + 1 : end;
  }
}
