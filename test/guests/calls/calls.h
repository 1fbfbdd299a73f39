// Calls any function that the guest imports, told by a line of text: `s = fermyon:spin/key-value@2.0.0#open("default")`.
// Values are written as in WAVE, the text format of the Component Model, and so are results. The table of functions is
// made from the signatures in src/host (test/guests/support/calls.ts).
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How the elements of a stream, or the value of a future, in a function's result are read. */
struct pipe {
  uint32_t (*read)(uint32_t end, void *into, uint32_t count);
  void (*drop)(uint32_t end);
};

struct function {
  const char *name; // interface, '#', function
  const char *type; // as src/component/types/print.ts writes it
  void (*run)(uint64_t *slots); // takes flat parameters, leaves a flat result in the first slot
  const struct pipe *pipes;
};

extern const struct function functions[];
extern const size_t function_count;

/** Text that grows. */
struct text {
  char *data;
  size_t length, capacity;
};
void put(struct text *to, char byte);
void put_text(struct text *to, const char *text);
void put_bytes(struct text *to, const char *data, size_t length);
void put_number(struct text *to, uint64_t number);

/** Memory from the front, for which there is no need to be freed. */
void *grab(size_t size, size_t align);

// types.c: a type is the text that begins at a pointer, and ends where `type_end` says.
bool type_is(const char *type, const char *kind);
const char *type_end(const char *type);
uint32_t type_size(const char *type), type_align(const char *type);
struct member {
  const char *name; // NULL in a tuple
  const char *type; // NULL in a case without a payload
  size_t length; // of the name
};
/** The member of a record, tuple or list of parameters whose text begins at `inner`; false when there are fewer. */
bool member_at(const char *inner, size_t index, struct member *member);
/** The case of a variant, enum, option or result. */
bool case_at(const char *type, size_t index, struct member *member);
const char *type_inner(const char *type);
uint32_t payload_offset(const char *type);
bool has_cases(const char *type), has_members(const char *type);
uint32_t align_up(uint32_t offset, uint32_t align);

// flat.c: between memory and the flat parameters of core functions.
size_t flat_count(const char *type);
size_t flatten(const char *type, const char *from, uint64_t *slots);

// parse.c and print.c: between memory and text. `parse_value` gives NULL and says so in `problem` when there is a mistake.
const char *parse_value(const char *source, const char *type, char *into, struct text *problem);
void print_value(struct text *to, const char *type, const char *from, const struct pipe **pipes);
const char *skip_spaces(const char *source);
bool is_name(char byte);

// run.c
struct variable {
  const char *name, *type;
  size_t length;
  uint32_t handle;
};
const struct variable *find_variable(const char *name, size_t length);
/** Runs one line, and writes what it gives. */
void run_line(const char *line, struct text *to);
/** Runs all lines of a text, with a line of text for each. */
void run_lines(char *lines, struct text *to);

#endif
