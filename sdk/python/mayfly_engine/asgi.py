"""Applications of ASGI 3: requests, without a lifespan, and without websockets."""

from urllib.parse import unquote


def asgi(app):
    async def answer(received, start, write):
        path, _, query = received.target.partition("?")
        host = next((value.decode("latin-1") for name, value in received.headers if name == "host"), received.authority)
        headers = [(name.encode("latin-1"), value) for name, value in received.headers]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": received.method,
            "scheme": received.scheme,
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": headers,
            "server": (host.partition(":")[0], None),
            "client": None,
            "extensions": {},
        }
        events = [{"type": "http.request", "body": received.body, "more_body": False}]

        async def receive():
            return events.pop(0) if events else {"type": "http.disconnect"}

        async def send(event):
            if event["type"] == "http.response.start":
                start(event["status"], event.get("headers", []))
            elif event["type"] == "http.response.body":
                await write(event.get("body", b""))

        await app(scope, receive, send)

    return answer
