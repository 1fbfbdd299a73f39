// Serves the files mounted at /public: index.html for a folder, 404.html, if there is one, for what there is not.
#include <mayfly.h>
#include <string.h>

static char buffer[32 * 1024];

static const char *const types[][2] = {
    {".html", "text/html; charset=utf-8"}, {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"}, {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"}, {".txt", "text/plain; charset=utf-8"}, {".xml", "application/xml"},
    {".svg", "image/svg+xml"}, {".png", "image/png"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
    {".gif", "image/gif"}, {".webp", "image/webp"}, {".avif", "image/avif"}, {".ico", "image/x-icon"},
    {".woff2", "font/woff2"}, {".wasm", "application/wasm"}, {".pdf", "application/pdf"},
    {".webmanifest", "application/manifest+json"},
};

static bool ends_with(mayfly_string text, const char *ending) {
  size_t length = strlen(ending);
  return text.length >= length && mayfly_equal((mayfly_string){text.data + text.length - length, length}, ending);
}

static const char *content_type(mayfly_string path) {
  for (size_t at = 0; at < sizeof types / sizeof *types; at++) {
    if (ends_with(path, types[at][0])) return types[at][1];
  }
  return "application/octet-stream";
}

static int hex(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  digit |= 0x20;
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/** The path without percent signs: what it names on disk. */
static mayfly_string decoded(mayfly_string path) {
  char *text = mayfly_c_string(path);
  size_t length = 0;
  for (size_t at = 0; at < path.length; at++) {
    bool is_code = path.data[at] == '%' && at + 2 < path.length && hex(path.data[at + 1]) >= 0 && hex(path.data[at + 2]) >= 0;
    text[length++] = is_code ? (char)(hex(path.data[at + 1]) * 16 + hex(path.data[at + 2])) : path.data[at];
    if (is_code) at += 2;
  }
  return (mayfly_string){text, length};
}

static void send_file(mayfly_request *request, mayfly_response *response, mayfly_file *file, mayfly_string path) {
  mayfly_response_header(response, "content-type", mayfly_text(content_type(path)));
  mayfly_response_header(response, "content-length", mayfly_format("%llu", (unsigned long long)mayfly_file_size(file)));
  if (mayfly_equal(mayfly_request_method(request), "HEAD")) return;
  for (ptrdiff_t count; (count = mayfly_file_read(file, buffer, sizeof buffer)) > 0;) {
    if (!mayfly_response_write(response, buffer, (size_t)count)) return;
  }
}

static void send_text(mayfly_response *response, unsigned status, const char *text) {
  mayfly_response_status(response, status);
  mayfly_response_header(response, "content-type", mayfly_text("text/plain; charset=utf-8"));
  mayfly_response_print(response, text);
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string method = mayfly_request_method(request);
  if (!mayfly_equal(method, "GET") && !mayfly_equal(method, "HEAD")) {
    mayfly_response_header(response, "allow", mayfly_text("GET, HEAD"));
    return send_text(response, 405, "These files can be read only\n");
  }
  // What is left of the path when the route ends in "/...".
  mayfly_string path;
  if (!mayfly_request_header(request, "spin-path-info", &path)) path = mayfly_request_path(request);
  path = decoded(path);
  bool is_folder = path.length == 0 || path.data[path.length - 1] == '/';
  mayfly_string name = mayfly_format("/public%.*s%s", (int)path.length, path.data, is_folder ? "/index.html" : "");
  mayfly_file *file = mayfly_file_open(name);
  if (file) return send_file(request, response, file, name);
  if (!is_folder && mayfly_file_open(mayfly_format("%.*s/index.html", (int)name.length, name.data))) {
    mayfly_string whole = mayfly_request_path(request);
    mayfly_response_header(response, "location", mayfly_format("%.*s/", (int)whole.length, whole.data));
    return send_text(response, 301, "The folder has a slash at its end\n");
  }
  name = mayfly_text("/public/404.html");
  file = mayfly_file_open(name);
  if (!file) return send_text(response, 404, "There is no such file\n");
  mayfly_response_status(response, 404);
  send_file(request, response, file, name);
}
