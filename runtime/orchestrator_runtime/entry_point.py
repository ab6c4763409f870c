"""Loads the user's entry point the way ``python main.py`` would."""

from __future__ import annotations

import os
import sys


class EntryPointError(Exception):
    """The entry point does not hand over any tasks; the message says what to do."""


def load(entry_point: str) -> None:
    """Run ``main.py`` (or another path) as ``__main__``, or import ``module:app`` and start the app.

    Returns only when `app.start()` was never reached; raises whatever the user's code raises.
    """
    if entry_point.endswith(".py"):
        _run_file(entry_point)
        raise EntryPointError(
            f'{entry_point} finished without calling app.start(): end it with `if __name__ == "__main__": app.start()`'
        )
    _start_app(entry_point)


def _run_file(path: str) -> None:
    from importlib.machinery import SourceFileLoader
    from types import ModuleType

    loader = SourceFileLoader("__main__", os.path.abspath(path))
    module = ModuleType("__main__")
    module.__file__ = loader.path
    sys.modules["__main__"] = module
    sys.argv = [path]
    try:
        code = loader.get_code("__main__")
    except FileNotFoundError:
        raise EntryPointError(f"there is no {path} in the repo: name the entry point with --start-command") from None
    assert code is not None, "a source loader always has code"
    exec(code, module.__dict__)


def _start_app(entry_point: str) -> None:
    from importlib import import_module

    module_name, _, name = entry_point.partition(":")
    module = import_module(module_name)
    app = getattr(module, name or "app", None)
    if app is None or not callable(getattr(app, "start", None)):
        raise EntryPointError(f"{entry_point}: module {module_name} has no Workflows app named '{name or 'app'}'")
    app.start()
