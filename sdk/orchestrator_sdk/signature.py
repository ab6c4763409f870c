"""What can be known about a task's function without calling it. Loads `inspect` only where a signature is needed."""

from __future__ import annotations

import contextlib
import json
import sys

from orchestrator_sdk.generics import TYPE_CHECKING
from orchestrator_sdk.task_context import TaskContext

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Mapping
    from typing import Any

    from orchestrator_runtime.wire import Parameter


def takes_context(func: Callable[..., Any]) -> bool:
    """Whether the first parameter is annotated as a TaskContext.

    Only that one annotation is looked at, so that the others may name what exists for type checkers alone.
    """
    inner = _unwrapped(func)
    code = getattr(inner, "__code__", None)
    if code is None or not code.co_argcount:
        return False
    annotation = _annotations(inner).get(code.co_varnames[0])
    return _is_context(annotation, getattr(inner, "__globals__", {}))


def signature(func: Callable[..., Any]) -> inspect.Signature:
    """The function's signature as callers see it: without the context."""
    whole = _whole_signature(func)
    parameters = list(whole.parameters.values())
    return whole.replace(parameters=parameters[1:]) if takes_context(func) else whole


def parameters(func: Callable[..., Any]) -> list[Parameter]:
    """The parameters as they are registered."""
    return [_parameter(one) for one in signature(func).parameters.values()]


def place(func: Callable[..., Any]) -> str:
    """Where the function was written: ``name (file:line)``."""
    inner = _unwrapped(func)
    name = getattr(inner, "__qualname__", repr(inner))
    code = getattr(inner, "__code__", None)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else str(name)


def _parameter(one: inspect.Parameter) -> Parameter:
    has_default = one.default is not one.empty
    parameter: Parameter = {"name": one.name, "has_default": has_default}
    if one.annotation is not one.empty:
        parameter["type"] = getattr(one.annotation, "__name__", None) or str(one.annotation)
    if has_default and one.default is not None:
        with contextlib.suppress(TypeError, ValueError, RecursionError):  # else only Python can know it
            parameter["default_value"] = json.dumps(one.default, allow_nan=False)
    return parameter


def _unwrapped(func: Any) -> Any:
    """The function under decorators that used functools.wraps: they pass its arguments on."""
    while hasattr(func, "__wrapped__"):
        func = func.__wrapped__
    return func


def _whole_signature(func: Callable[..., Any]) -> inspect.Signature:
    import inspect

    if sys.version_info >= (3, 14):
        import annotationlib

        return inspect.signature(func, annotation_format=annotationlib.Format.FORWARDREF)
    return inspect.signature(func)


def _annotations(func: Any) -> Mapping[str, Any]:
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(func, format=annotationlib.Format.FORWARDREF)
    return getattr(func, "__annotations__", {})


def _is_context(annotation: object, names: Mapping[str, Any]) -> bool:
    text = getattr(annotation, "__forward_arg__", annotation)
    if not isinstance(text, str):
        return isinstance(annotation, type) and issubclass(annotation, TaskContext)
    path = text.strip("'\" ").split(".")
    found = names.get(path[0])
    for name in path[1:]:
        found = getattr(found, name, None)
    if found is None:  # imported for type checkers alone
        return path[-1] == TaskContext.__name__
    return isinstance(found, type) and issubclass(found, TaskContext)
