"""The forms in which a program says how it answers requests."""

import inspect

import spin_sdk.http
from spin_sdk.http import Handler, Request, Response
from spin_sdk.wit.exports import HttpHandler as Base

from .asgi import asgi
from .wsgi import wsgi

FORMS = (
    "a WSGI or ASGI application called 'app', a class of spin_sdk.http.Handler, or 'def handle_request(request)', "
    "which returns a spin_sdk.http.Response"
)


def answer_of(module):
    """What answers requests, as `answer(received, start, write)`; None when there is nothing."""
    for name in ("app", "application"):
        app = getattr(module, name, None)
        if callable(app) and not inspect.ismodule(app):
            return asgi(app) if _is_asynchronous(app) else wsgi(app)
    handler = _handler_of(module)
    if handler is not None:
        return _by(lambda request: handler().handle_request(request))
    function = getattr(module, "handle_request", None)
    return _by(function) if callable(function) else None


def _handler_of(module):
    """The class with the name that Spin looks for, or the last one of a handler; None when there is none."""
    named = [getattr(module, name, None) for name in ("HttpHandler", "IncomingHandler")]
    own = [one for one in vars(module).values() if getattr(one, "__module__", None) == module.__name__]
    for one in [*named, *reversed(own)]:
        if inspect.isclass(one) and one.__module__ == module.__name__ and Base in one.__mro__:
            if Handler not in one.__mro__:
                raise TypeError(f"The class {one.__name__} must be one of spin_sdk.http.Handler")
            return one
    return None


def _is_asynchronous(app):
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))


def _by(handle):
    async def answer(received, start, write):
        headers = {name: value.decode("utf-8", "replace") for name, value in received.headers}
        response = handle(Request(received.method, received.target, headers, received.body))
        if inspect.isawaitable(response):
            response = await response
        if not isinstance(response, Response):
            raise TypeError(f"The handler returned {type(response).__name__}: it must return a spin_sdk.http.Response")
        body = response.body or b""
        body = body.encode() if isinstance(body, str) else bytes(body)
        fields = [(name, str(value).encode()) for name, value in (response.headers or {}).items()]
        if not any(name.lower() == "content-length" for name, _ in fields):
            fields.append(("content-length", str(len(body))))
        start(response.status, fields)
        await write(body)

    return answer


def spin_sdk_of_before():
    """Classes of spin-sdk 3, whose handlers wait for nothing."""

    class IncomingHandler(Handler):
        pass

    spin_sdk.http.IncomingHandler = IncomingHandler
