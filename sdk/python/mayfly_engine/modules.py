"""Imports of a program's modules from texts in memory, as Mayfly read them."""

import importlib
import importlib.abc
import importlib.machinery
import sys


class ProgramModules(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """`files` has for each module its path, its text and whether it is a package."""

    def __init__(self, files):
        self._files = files

    def load_main(self, name):
        # A program's own module hides one of Python's library that has the same name, as in Python itself.
        for own in self._files:
            if "." not in own and own not in _NEEDED:
                sys.modules.pop(own, None)
        sys.meta_path.insert(0, self)
        return importlib.import_module(name)

    def find_spec(self, name, path=None, target=None):
        found = self._files.get(name)
        if found is None:
            return None
        file, _, is_package = found
        spec = importlib.machinery.ModuleSpec(name, self, origin=file, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [file.rpartition("/")[0]]
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        file, text, _ = self._files[module.__name__]
        exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)

    def get_source(self, name):
        return self._files[name][1]

    def is_package(self, name):
        return self._files[name][2]

    def get_filename(self, name):
        return self._files[name][0]


#: Modules without which Python itself does not go on.
_NEEDED = {"sys", "builtins", "importlib", "os", "io", "abc", "codecs", "types", "warnings", "traceback", "linecache"}
