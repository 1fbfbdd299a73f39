// Serves the files that the manifest mounts under /assets, read-only.
#include <mayfly.h>
#include <string.h>

static char chunk[64 * 1024];

static const char *const types[][2] = {{".html", "text/html; charset=utf-8"}, {".txt", "text/plain; charset=utf-8"},
                                       {".css", "text/css"},                  {".js", "text/javascript"},
                                       {".json", "application/json"},         {".svg", "image/svg+xml"}};

static const char *type_of(const char *path) {
  const char *dot = strrchr(path, '.');
  for (size_t index = 0; dot && index < sizeof types / sizeof types[0]; index++) {
    if (strcmp(dot, types[index][0]) == 0) return types[index][1];
  }
  return "application/octet-stream";
}

// The part of the path that the route's `...` stands for.
static mayfly_string path_info(mayfly_request *request) {
  mayfly_string path;
  if (mayfly_request_header(request, "spin-path-info", &path)) return path;
  path = mayfly_request_path(request);
  const size_t prefix = strlen("/files");
  return path.length < prefix ? mayfly_text("") : (mayfly_string){path.data + prefix, path.length - prefix};
}

static void not_found(mayfly_response *response, const char *path) {
  mayfly_response_status(response, strcmp(mayfly_file_error(), "no-entry") == 0 ? 404 : 403);
  mayfly_response_header(response, "content-type", mayfly_text("text/plain; charset=utf-8"));
  mayfly_response_printf(response, "Cannot read %s: %s\n", path, mayfly_file_error());
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  ptrdiff_t count;
  mayfly_string info = path_info(request);
  mayfly_string path = mayfly_format("/assets%.*s", (int)info.length, info.data);
  mayfly_file *file = mayfly_file_open(path);
  if (!file) return not_found(response, path.data);
  mayfly_string size = mayfly_format("%llu", (unsigned long long)mayfly_file_size(file));
  mayfly_response_header(response, "content-type", mayfly_text(type_of(path.data)));
  mayfly_response_header(response, "content-length", size);
  while ((count = mayfly_file_read(file, chunk, sizeof chunk)) > 0) {
    if (!mayfly_response_write(response, chunk, (size_t)count)) return;
  }
}
