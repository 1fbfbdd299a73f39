// A handler of about 100 KB, as applications of some size have it: more than a hundred functions behind a table, of which a
// request calls a few. Made for measuring how long a component takes to load.
#include <mayfly.h>

#define ROUNDS 8

typedef unsigned int word;
typedef word work(word, const unsigned char *, word);

static const unsigned char salt[256] = "a table of bytes that all functions read";

/** Each has loops, branches and constants of its own, so that the compiler folds none of them into another. */
#define WORK(n)                                                                                                     \
  __attribute__((noinline)) static word work_##n(word value, const unsigned char *text, word length) {              \
    word a = value ^ (n * 2654435761u), b = n + 7;                                                                  \
    for (word i = 0; i < length; i++) {                                                                             \
      a = (a << (n % 13 + 3)) | (a >> (29 - n % 13));                                                               \
      b += text[i] * (n * 31 + 17);                                                                                 \
      if ((b & (n % 7 + 1)) == 0) a += salt[(a + n) & 255];                                                         \
      else a ^= b >> (n % 5 + 1);                                                                                   \
    }                                                                                                               \
    for (word i = n % 9 + 1; i > 0; i--) {                                                                          \
      switch ((a + i) % 5) {                                                                                        \
        case 0: b = b * (n + 3) + salt[i]; break;                                                                   \
        case 1: b ^= a + n * 131; break;                                                                            \
        case 2: a -= b | (n << 4); break;                                                                           \
        case 3: a = a * 33 + (n ^ 85); break;                                                                       \
        default: a ^= b + i * n;                                                                                    \
      }                                                                                                             \
    }                                                                                                               \
    return a * 16777619u + b;                                                                                       \
  }
#define TEN(do, n) do(n##0) do(n##1) do(n##2) do(n##3) do(n##4) do(n##5) do(n##6) do(n##7) do(n##8) do(n##9)
#define HUNDRED(do, n)                                                                                              \
  TEN(do, n##0) TEN(do, n##1) TEN(do, n##2) TEN(do, n##3) TEN(do, n##4)                                             \
  TEN(do, n##5) TEN(do, n##6) TEN(do, n##7) TEN(do, n##8) TEN(do, n##9)
#define ALL(do) HUNDRED(do, 1) TEN(do, 20) TEN(do, 21) TEN(do, 22)

ALL(WORK)
#define ENTRY(n) work_##n,
static work *const table[] = {ALL(ENTRY)};

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  (void)request;
  word value = 1;
  for (word i = 0; i < ROUNDS; i++) {
    value = table[value % (sizeof table / sizeof table[0])](value, salt, 40);
  }
  char digits[] = "Value 00000000\n";
  for (word i = 0; i < 8; i++) digits[6 + i] = "0123456789abcdef"[(value >> (4 * i)) & 15];
  mayfly_response_header(response, "content-type", mayfly_text("text/plain"));
  mayfly_response_print(response, digits);
}
