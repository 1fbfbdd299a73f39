#include <mayfly.h>

#include <cstdlib>
#include <string>

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  std::string body(256, '\0');
  mayfly_request_read(request, body.data(), body.size() - 1);
  auto at = body.find("\"rounds\":");
  unsigned rounds = at == std::string::npos ? 0 : std::strtoul(body.c_str() + at + 9, nullptr, 10);
  unsigned value = 1;
  for (unsigned round = 0; round < rounds; round++) value = (value * 75 + 74) % 65537;
  std::string text = "{\"rounds\":" + std::to_string(rounds) + ",\"value\":" + std::to_string(value) + "}";
  mayfly_response_header(response, "content-type", mayfly_text("application/json"));
  mayfly_response_write(response, text.data(), text.size());
}
