"""Loads the user's entry point the way ``python main.py`` would."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from orchestrator_runtime.user_code import plain_python

if TYPE_CHECKING:
    from types import ModuleType

    from orchestrator_runtime.user_code.start_command import Start


class EntryPointError(Exception):
    """The entry point does not hand over any tasks; the message says what to do."""


def load(start: Start) -> None:
    """Run a file or a module as ``__main__``, or import ``module:app`` and start the app; raises whatever the user's code raises.

    Returns when the code ended by itself: without `app.start()`, or after the official SDK's.
    """
    if start.folder:
        os.chdir(start.folder)
    plain_python.restore()
    if start.kind == "file":
        _run_file(start)
    elif start.kind == "module":
        _run_module(start)
    else:
        _start_app(start.target)


def not_started(start: Start) -> EntryPointError:
    """The code ended, and no tasks were handed over."""
    return EntryPointError(
        f'{start.target} finished without calling app.start(): end it with `if __name__ == "__main__": app.start()`'
    )


def _run_file(start: Start) -> None:
    from importlib.machinery import SourceFileLoader

    path = os.path.abspath(start.target)
    words = [start.target, *start.arguments]
    _begin(words, words, os.path.dirname(path))
    module = _new_main()
    loader = SourceFileLoader("__main__", path)
    module.__file__, module.__loader__ = loader.path, loader
    try:
        code = loader.get_code("__main__")
    except FileNotFoundError:
        raise EntryPointError(
            f"there is no {start.target} in the repo: name the entry point with --start-command"
        ) from None
    assert code is not None, "a source loader always has code"
    exec(code, module.__dict__)


def _run_module(start: Start) -> None:
    import runpy

    words = [start.target, *start.arguments]
    _begin(["-m", *words], words, os.getcwd())
    runpy.run_module(start.target, run_name="__main__", alter_sys=True)


def _begin(words: list[str], arguments: list[str], folder: str) -> None:
    """The command line, and where imports begin; the working directory can be imported from, too, if last of all."""
    sys.orig_argv = [sys.executable, *words]
    sys.argv = arguments
    if not getattr(sys.flags, "safe_path", False):  # Python 3.11
        sys.path.insert(0, folder)
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())


def _new_main() -> ModuleType:
    """The module that user code runs in, or, where its own is imported, one that helper processes need not load."""
    import builtins
    from types import ModuleType

    module = ModuleType("__main__")
    module.__dict__.update(__builtins__=builtins, __cached__=None)
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    sys.modules["__main__"] = module
    return module


def _start_app(target: str) -> None:
    from importlib import import_module

    _begin([target], [target], os.getcwd())
    _new_main()
    module_name, _, name = target.partition(":")
    module = import_module(module_name)
    app = getattr(module, name or "app", None)
    if app is None or not callable(getattr(app, "start", None)):
        raise _no_app(module, name or "app")
    app.start()


def _no_app(module: ModuleType, name: str) -> EntryPointError:
    """What was loaded, and what is in it instead."""
    loaded = f"{module.__name__} ({getattr(module, '__file__', None) or 'no file'})"
    apps = [key for key, value in vars(module).items() if type(value).__name__ == "Workflows"]
    instead = f"it has {' and '.join(apps)}" if apps else "it has no app at all"
    return EntryPointError(
        f"{loaded} has no Workflows app named '{name}': {instead}; name it with --start-command module:app"
    )
