// A CGI program: what it does is chosen by PATH_INFO. The same file runs under any server with CGI and preview1.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void head(const char *status, const char *type) {
  if (status) printf("Status: %s\r\n", status);
  printf("Content-Type: %s\r\n\r\n", type);
}

/** Copies stdin to stdout as it comes, without buffers of its own. */
static void echo(void) {
  static char buffer[65536];
  ssize_t size;
  head(NULL, "application/octet-stream");
  fflush(stdout);
  while ((size = read(0, buffer, sizeof buffer)) > 0) {
    for (ssize_t at = 0, sent; at < size; at += sent)
      if ((sent = write(1, buffer + at, (size_t)(size - at))) < 0) exit(3);
  }
}

/** Counts in a global: always 1, since each request has a sandbox of its own. */
static int count = 0;

static void list(int argc, char **argv) {
  head(NULL, "text/plain");
  for (int at = 0; at < argc; at++) printf("argv[%d]=%s\n", at, argv[at]);
  for (char **each = environ; *each; each++) puts(*each);
}

static void copy_file(const char *path) {
  char buffer[256];
  FILE *file = fopen(path, "r");
  if (!file) {
    head("404 Not Found", "text/plain");
    printf("no file %s\n", path);
    return;
  }
  head(NULL, "text/plain");
  for (size_t size; (size = fread(buffer, 1, sizeof buffer, file)) > 0;) fwrite(buffer, 1, size, stdout);
  fclose(file);
}

int main(int argc, char **argv) {
  const char *path = getenv("PATH_INFO");
  const char *query = getenv("QUERY_STRING");
  if (!path) path = "";
  fprintf(stderr, "asked for %s\n", path);
  if (!strcmp(path, "/echo")) echo();
  else if (!strcmp(path, "/env")) list(argc, argv);
  else if (!strcmp(path, "/count")) head(NULL, "text/plain"), printf("%d\n", ++count);
  else if (!strcmp(path, "/file")) copy_file(query);
  else if (!strcmp(path, "/redirect")) printf("Location: /elsewhere\n\n");
  else if (!strcmp(path, "/status")) head("418 I'm a teapot", "text/plain"), puts("short and stout");
  else if (!strcmp(path, "/exit")) head(NULL, "text/plain"), puts("done"), exit(atoi(query));
  else if (!strcmp(path, "/fail")) exit(7);
  else if (!strcmp(path, "/nothing")) return 0;
  else if (!strcmp(path, "/garbage")) puts("no header at all");
  else if (!strcmp(path, "/trap")) abort();
  else if (!strcmp(path, "/trap-late")) head(NULL, "text/plain"), puts("so far"), fflush(stdout), abort();
  else if (!strcmp(path, "/sleep")) usleep(20000), head(NULL, "text/plain"), puts("awake");
  else head(NULL, "text/plain"), puts("hello");
  return 0;
}
