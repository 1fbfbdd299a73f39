"""Python's own library and Spin's SDK, imported as far as they can be: modules that need threads or a terminal cannot."""

import importlib
import pkgutil
import sys
import warnings

#: Programs, games and tests, and what does something when it is imported.
_LEFT_OUT = {
    "__hello__", "__main__", "__phello__", "antigravity", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tests",
    "this", "tkinter", "turtle", "turtledemo", "venv",
}  # fmt: skip


def import_all():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in [*sorted(sys.stdlib_module_names), "spin_sdk"]:
            _import(name)


def _import(name):
    last = name.rpartition(".")[2]
    if last in _LEFT_OUT or last.startswith("_test") or last.startswith("_xx"):
        return
    try:
        module = importlib.import_module(name)
    except BaseException:
        # Not of this build of Python: a program that imports it is told so.
        return
    for inner in pkgutil.iter_modules(getattr(module, "__path__", ())):
        _import(f"{name}.{inner.name}")
