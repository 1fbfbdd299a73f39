// The outer half of a composed component: an HTTP handler that asks the inner half about its query, ?text=.
#include <mayfly.h>

typedef struct {
  uint32_t letters;
  uint32_t spaces;
} count;

typedef struct {
  const count *data;
  size_t length;
} counts;

#define WORDS(function) __attribute__((import_module("test:words/words"), import_name(function)))
WORDS("shout") void words_shout(const char *text, size_t length, mayfly_string *result);
WORDS("measure") void words_measure(const mayfly_string *texts, size_t length, counts *result);

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string texts[2] = {mayfly_text("made of two"), mayfly_text("")};
  mayfly_string loud;
  counts measured;
  mayfly_request_query(request, "text", &texts[1]);
  words_shout(texts[1].data, texts[1].length, &loud);
  words_measure(texts, 2, &measured);
  mayfly_response_printf(response, "%.*s\n", (int)loud.length, loud.data);
  for (size_t index = 0; index < measured.length; index++)
    mayfly_response_printf(response, "%u letters, %u spaces\n", measured.data[index].letters, measured.data[index].spaces);
}
