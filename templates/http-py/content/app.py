from spin_sdk.http import Handler, Request, Response


class HttpHandler(Handler):
    async def handle_request(self, request: Request) -> Response:
        text = f"Hello from {{project-name}}: {request.method} {request.uri}\n"
        return Response(200, {"content-type": "text/plain; charset=utf-8"}, text.encode())
