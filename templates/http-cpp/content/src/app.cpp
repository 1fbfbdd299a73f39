#include <mayfly.h>

#include <string>
#include <string_view>

static std::string_view view(mayfly_string text) { return {text.data, text.length}; }

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  std::string text = "Hello from {{project-name}}: ";
  text.append(view(mayfly_request_method(request))).append(" ").append(view(mayfly_request_path(request))).append("\n");
  mayfly_response_header(response, "content-type", mayfly_text("text/plain; charset=utf-8"));
  mayfly_response_write(response, text.data(), text.size());
}
