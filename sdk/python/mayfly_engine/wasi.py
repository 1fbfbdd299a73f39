"""Requests and responses of wasi:http 0.3, as plain values."""

import asyncio
import dataclasses
import sys

import componentize_py_async_support
from componentize_py_types import Err, Ok
from spin_sdk import wit
from spin_sdk.wit.imports.wasi_http_types_0_3_0 import (
    ErrorCode_InternalError,
    Fields,
    Method_Connect,
    Method_Delete,
    Method_Get,
    Method_Head,
    Method_Options,
    Method_Other,
    Method_Patch,
    Method_Post,
    Method_Put,
    Method_Trace,
    Request,
    Response,
    Scheme_Https,
)

from .thrown import described

_METHODS = {
    Method_Get: "GET",
    Method_Head: "HEAD",
    Method_Post: "POST",
    Method_Put: "PUT",
    Method_Delete: "DELETE",
    Method_Connect: "CONNECT",
    Method_Options: "OPTIONS",
    Method_Trace: "TRACE",
    Method_Patch: "PATCH",
}

_PIECE = 64 * 1024


@dataclasses.dataclass
class Received:
    """A request with its whole body. Names of headers are in small letters, values are bytes."""

    method: str
    target: str
    scheme: str
    authority: str
    headers: list
    body: bytes


async def receive(request):
    method = request.get_method()
    headers = request.get_headers().copy_all()
    target = request.get_path_with_query() or "/"
    scheme = "https" if isinstance(request.get_scheme(), Scheme_Https) else "http"
    authority = request.get_authority() or ""
    stream, _ = Request.consume_body(request, _done())
    body = bytearray()
    with stream:
        while not stream.writer_dropped:
            body += await stream.read(_PIECE)
    name = method.value if isinstance(method, Method_Other) else _METHODS[type(method)]
    return Received(name, target, scheme, authority, headers, bytes(body))


#: As the engines of JavaScript answer for a handler that threw.
_FAILED_BODY = b"Internal Server Error"
_FAILED = [("content-type", "text/plain"), ("content-length", str(len(_FAILED_BODY)))]


async def respond(answer, received):
    """Answers with what `answer(received, start, write)` starts and writes; with 500, and a trace back in the log, when it fails."""
    writer, stream = wit.byte_stream()
    trailers, no_trailers = _trailers()
    head = asyncio.get_running_loop().create_future()
    begun = None

    def start(status, headers):
        nonlocal begun
        begun = (status, headers)

    def settle():
        if head.done():
            return
        if begun is None:
            raise TypeError("The program answered nothing: its response was not started")
        head.set_result(begun)

    async def write(piece):
        settle()
        if piece:
            await writer.write_all(bytes(piece))

    async def run():
        outcome = Ok(None)
        with writer:
            try:
                await answer(received, start, write)
                settle()
            except BaseException as error:
                print(described(error)["stack"], end="", file=sys.stderr)
                if head.done():
                    # Too late for another answer: the body ends as one that broke off.
                    outcome = Err(ErrorCode_InternalError(str(error)))
                else:
                    head.set_result((500, _FAILED))
                    await writer.write_all(_FAILED_BODY)
        await trailers.write(outcome)

    componentize_py_async_support.spawn(run())
    status, headers = await head
    response, _ = Response.new(Fields.from_list(_allowed(headers)), stream, no_trailers)
    response.set_status_code(status)
    return response


#: What is said of a connection is the host's business, and wasi:http takes no such fields.
_OF_CONNECTION = {
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
    b"transfer-encoding", b"upgrade", b"http2-settings",
}  # fmt: skip


def _allowed(headers):
    """Pairs of texts or bytes, as the interface wants them."""
    pairs = [(_bytes(name), _bytes(value)) for name, value in headers]
    return [(name.decode("latin-1"), value) for name, value in pairs if name.lower() not in _OF_CONNECTION]


def _bytes(text):
    return text if isinstance(text, bytes) else bytes(text) if isinstance(text, bytearray) else _encoded(str(text))


def _encoded(text):
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def _trailers():
    return wit.result_option_wasi_http_types_0_3_0_fields_wasi_http_types_0_3_0_error_code_future(lambda: Ok(None))


def _done():
    return wit.result_unit_wasi_http_types_0_3_0_error_code_future(lambda: Ok(None))[1]
