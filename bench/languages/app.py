import json

from spin_sdk.http import Handler, Request, Response


class HttpHandler(Handler):
    async def handle_request(self, request: Request) -> Response:
        rounds = json.loads(request.body)["rounds"]
        value = 1
        for _ in range(rounds):
            value = (value * 75 + 74) % 65537
        answer = json.dumps({"rounds": rounds, "value": value}, separators=(",", ":"))
        return Response(200, {"content-type": "application/json"}, answer.encode())
