// Fetches ?url= and streams the answer, if `allowed_outbound_hosts` lets it.
#include <mayfly.h>
#include <string.h>

static char chunk[32 * 1024];

static void answer(mayfly_response *response, unsigned status, const char *text) {
  mayfly_response_status(response, status);
  mayfly_response_header(response, "content-type", mayfly_text("text/plain; charset=utf-8"));
  mayfly_response_print(response, text);
}

// scheme://authority of a URL: what an entry of allowed_outbound_hosts looks like.
static int origin_length(const char *url) {
  const char *authority = strstr(url, "://") + 3;
  return (int)(authority - url) + (int)strcspn(authority, "/?#");
}

static void explain(mayfly_response *response, mayfly_client *client, const char *url) {
  const char *error = mayfly_client_error(client);
  mayfly_string text = mayfly_client_error_text(client);
  if (strcmp(error, "HTTP-request-denied") == 0) {
    answer(response, 403, "This component may not call that host. In spin.toml, under [component.fetch], add:\n\n");
    mayfly_response_printf(response, "    allowed_outbound_hosts = [\"%.*s\"]\n", origin_length(url), url);
    return;
  }
  answer(response, 502, "Cannot fetch: ");
  mayfly_response_printf(response, "%s %.*s\n", error, (int)text.length, text.data);
}

void mayfly_handle(mayfly_request *request, mayfly_response *response) {
  mayfly_string query, type;
  ptrdiff_t count;
  if (!mayfly_request_query(request, "url", &query)) return answer(response, 400, "Say what to fetch: /fetch?url=…\n");
  const char *url = mayfly_c_string(query);
  mayfly_client *client = mayfly_client_open("GET", url);
  if (!client) return answer(response, 400, "The URL must begin with http:// or https://\n");
  if (!mayfly_client_send(client)) return explain(response, client, url);
  mayfly_response_status(response, mayfly_client_status(client));
  if (mayfly_client_response_header(client, "content-type", &type))
    mayfly_response_header(response, "content-type", type);
  while ((count = mayfly_client_read(client, chunk, sizeof chunk)) > 0) {
    if (!mayfly_response_write(response, chunk, (size_t)count)) return;
  }
  if (count < 0) mayfly_logf("The answer of %s broke off", url);
}
