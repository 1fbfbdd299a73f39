// The inner half of a composed component: functions on text, exported through the canonical ABI by hand.
#include <mayfly.h>
#include <stdlib.h>

typedef struct {
  uint32_t letters;
  uint32_t spaces;
} count;

#define EXPORT(function) __attribute__((export_name("test:words/words#" function)))
#define POST(function) __attribute__((export_name("cabi_post_test:words/words#" function)))

static mayfly_string loud;

EXPORT("shout") mayfly_string *shout(const char *text, size_t length) {
  char *copy = malloc(length + 1);
  for (size_t index = 0; index < length; index++)
    copy[index] = text[index] >= 'a' && text[index] <= 'z' ? (char)(text[index] - 32) : text[index];
  copy[length] = '!';
  loud = (mayfly_string){copy, length + 1};
  return &loud;
}

POST("shout") void shout_done(mayfly_string *result) {
  free((char *)result->data);
}

static struct {
  count *data;
  size_t length;
} measured;

EXPORT("measure") void *measure(const mayfly_string *texts, size_t length) {
  measured.data = calloc(length, sizeof(count));
  measured.length = length;
  for (size_t index = 0; index < length; index++)
    for (size_t at = 0; at < texts[index].length; at++) {
      if (texts[index].data[at] == ' ') measured.data[index].spaces++;
      else measured.data[index].letters++;
    }
  return &measured;
}

POST("measure") void measure_done(void *result) {
  (void)result;
  free(measured.data);
}
