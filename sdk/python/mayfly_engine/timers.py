"""Timers for the event loop of componentize-py, which has none: `asyncio.sleep`, `wait_for` and `timeout` want them."""

import asyncio
import contextvars
import time

import componentize_py_async_support as support
from spin_sdk.wit.imports.wasi_clocks_monotonic_clock_0_3_0 import wait_for

#: Seconds after which a timer sees that nobody waits for it any more.
_LOOK = 0.1


def add_timers():
    support._Loop.time = lambda self: time.monotonic()
    support._Loop.call_at = _call_at
    support._Loop._timer_handle_cancelled = lambda self, handle: None
    support._Loop.call_later = lambda self, delay, *rest, **options: _call_at(self, self.time() + delay, *rest, **options)


def _call_at(loop, when, callback, *args, context=None):
    handle = asyncio.TimerHandle(when, callback, args, loop, context or contextvars.copy_context())

    async def wait():
        while not handle.cancelled():
            rest = when - time.monotonic()
            if rest <= 0:
                handle._run()
                return
            await wait_for(int(min(rest, _LOOK) * 1e9) + 1)

    support.spawn(wait())
    return handle
