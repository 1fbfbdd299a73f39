"""The engine that Python programs run in: a program is evaluated once, then called for requests, events and by name.

componentize-py makes a component of this package (`build.mjs`). The library is imported whole before the image is taken,
because there are no files afterwards.
"""

import gc
import inspect
import json
import random

from componentize_py_types import Err

from . import library, values
from .forms import FORMS, answer_of, spin_sdk_of_before
from .modules import ProgramModules
from .thrown import described
from .timers import add_timers
from .wasi import receive, respond

from spin_sdk.wit.exports import HttpHandler as HttpBase
from wit_world.exports import Program as ProgramBase

library.import_all()
spin_sdk_of_before()
add_timers()

#: The module of the program with which it begins.
_main = None
#: What answers a request, and what is wrong where nothing does.
_answer = None


class Program(ProgramBase):
    """The interface mayfly:script/program."""

    async def load(self, code, file, options):
        global _main, _answer
        try:
            given = json.loads(code)
            modules = ProgramModules(given["modules"])
            _main = modules.load_main(given["main"])
            _answer = answer_of(_main)
            if _answer is None and not _handlers(_main) and not _functions(_main):
                raise TypeError(f"It has no handler: a program has {FORMS}")
        except BaseException as error:
            raise Err(json.dumps(described(error)))
        # What is there now is there for good: looking at it again would write to its pages in each request.
        gc.collect()
        gc.freeze()

    async def call(self, name, arguments):
        random.seed()
        function = getattr(_main, name, None)
        if name.startswith("_") or not callable(function):
            raise Err(json.dumps({"name": "TypeError", "message": f'The program has no function "{name}"'}))
        try:
            result = function(*values.decode(arguments))
            return values.encode(await result if inspect.isawaitable(result) else result)
        except BaseException as error:
            raise Err(json.dumps(described(error)))

    async def event(self, trigger, payload, metadata):
        random.seed()
        try:
            kind = KINDS.get(trigger, trigger)
            handler = getattr(_main, kind, None)
            if not callable(handler):
                raise TypeError(f"The program has no handler for {trigger}: 'def {kind}(event): ...'")
            result = handler(Event(kind, payload, json.loads(metadata)))
            if inspect.isawaitable(result):
                await result
        except BaseException as error:
            raise Err(json.dumps(described(error)))


class HttpHandler(HttpBase):
    """The interface wasi:http/handler."""

    async def handle(self, request):
        # The image has one state of this for all requests.
        random.seed()
        return await respond(_answer or _nothing, await receive(request))


async def _nothing(*_):
    raise TypeError(f"The program answers no requests: a program has {FORMS}")


#: What handlers are called where their trigger has another name, as for programs in JavaScript.
KINDS = {"cron": "scheduled", "sqs": "queue"}


class Event:
    """An event of a trigger: `type`, `payload` (bytes), and what the trigger says of it."""

    def __init__(self, kind, payload, facts):
        self.__dict__.update(facts)
        self.type = kind
        self.payload = payload

    def text(self):
        return self.payload.decode()

    def json(self):
        return json.loads(self.payload)


def _handlers(module):
    return any(callable(getattr(module, kind, None)) for kind in ("scheduled", "redis", "mqtt", "queue"))


def _functions(module):
    return any(
        inspect.isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
        for name, one in vars(module).items()
    )
