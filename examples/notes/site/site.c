// Serves the page: the files mounted at /public, and index.html for a path that ends with a slash.
#include <mayfly.h>
#include <string.h>

static char buffer[32 * 1024];

static const char *content_type(mayfly_string path) {
  static const struct {
    const char *ending, *type;
  } known[] = {{".html", "text/html; charset=utf-8"}, {".css", "text/css"}, {".js", "text/javascript"}};
  for (size_t at = 0; at < sizeof known / sizeof *known; at++) {
    size_t length = strlen(known[at].ending);
    if (path.length >= length && mayfly_equal((mayfly_string){path.data + path.length - length, length}, known[at].ending))
      return known[at].type;
  }
  return "application/octet-stream";
}

static void refuse(mayfly_response *response, unsigned status, const char *text) {
  mayfly_response_status(response, status);
  mayfly_response_header(response, "content-type", mayfly_text("text/plain; charset=utf-8"));
  mayfly_response_print(response, text);
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  if (!mayfly_equal(mayfly_request_method(request), "GET")) return refuse(response, 405, "This is read only\n");
  mayfly_string path = mayfly_request_path(request);
  bool is_folder = path.length > 0 && path.data[path.length - 1] == '/';
  mayfly_string file_path = mayfly_format("/public%.*s%s", (int)path.length, path.data, is_folder ? "index.html" : "");
  mayfly_file *file = mayfly_file_open(file_path);
  if (!file) return refuse(response, 404, "There is no such page\n");
  mayfly_response_header(response, "content-type", mayfly_text(content_type(file_path)));
  for (ptrdiff_t count; (count = mayfly_file_read(file, buffer, sizeof buffer)) > 0;) {
    if (!mayfly_response_write(response, buffer, (size_t)count)) return;
  }
}
