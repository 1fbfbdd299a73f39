"""What a program raised, as Mayfly is told of it."""

import traceback

_OWN = ("mayfly_engine", "<frozen", "importlib")


def described(error):
    """Name, message, and the trace back without the engine's own frames."""
    name = type(error).__name__
    module = type(error).__module__
    stack = "".join(traceback.format_exception(_without_own_frames(error)))
    message = str(error)
    if isinstance(error, SyntaxError):
        message = error.msg or message
    return {"name": name if module == "builtins" else f"{module}.{name}", "message": message, "stack": stack}


def _without_own_frames(error):
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and _is_own(trace):
        trace = trace.tb_next
    return error.with_traceback(None if trace is not None and _is_own(trace) else trace)


def _is_own(trace):
    file = trace.tb_frame.f_code.co_filename
    return any(part in file for part in _OWN)
