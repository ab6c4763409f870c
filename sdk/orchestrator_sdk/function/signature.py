"""What can be known about a task's function without calling it. Loads `inspect` only where a signature is needed."""

from __future__ import annotations

import sys

from orchestrator_sdk import hints
from orchestrator_sdk.generics import TYPE_CHECKING
from orchestrator_sdk.task_context import TaskContext

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable
    from typing import Any


def context_names(func: Callable[..., Any]) -> tuple[str, ...]:
    """The parameters annotated as a TaskContext, wherever they stand and whether or not they may be None.

    Each annotation is looked at by itself, so that the others may name what exists for type checkers alone.
    """
    inner = hints.unwrapped(func)
    written, names = hints.own(inner), hints.names_of(inner)
    return tuple(one for one in parameter_names(inner) if one in written and _is_context(written[one], names))


def parameter_names(func: Any) -> tuple[str, ...]:
    """The names a call can give values to, in order; none for what is not written in Python."""
    code = getattr(func, "__code__", None)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()


def signature(func: Callable[..., Any]) -> inspect.Signature:
    """The function's signature as callers see it: without the context."""
    whole, hidden = whole_signature(func), context_names(func)
    return whole.replace(parameters=[one for one in whole.parameters.values() if one.name not in hidden])


def whole_signature(func: Callable[..., Any]) -> inspect.Signature:
    """The function's signature as it was written."""
    import inspect

    if sys.version_info >= (3, 14):
        import annotationlib

        return inspect.signature(func, annotation_format=annotationlib.Format.FORWARDREF)
    return inspect.signature(func)


def is_binding(func: Callable[..., Any]) -> bool:
    """Whether every call must bind to the signature: a decorator in between may add arguments, or take some away."""
    return not hasattr(func, "__wrapped__") and not hasattr(func, "__signature__")


def show(func: Callable[..., Any]) -> str:
    """The signature as people read it, such as ``add(a: int, b: int = 2)``."""
    name = getattr(hints.unwrapped(func), "__name__", repr(func))
    try:
        shown = signature(func)
    except (TypeError, ValueError):  # what is written in C may have none
        return f"{name}(...)"
    parameters = [one.replace(annotation=_as_text(one)) for one in shown.parameters.values()]
    return f"{name}{shown.replace(parameters=parameters, return_annotation=shown.empty)}"


def place(func: Callable[..., Any]) -> str:
    """Where the function was written: ``name (file:line)``."""
    inner = hints.unwrapped(func)
    name = getattr(inner, "__qualname__", repr(inner))
    code = getattr(inner, "__code__", None)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else str(name)


class _Text:
    """An annotation that is shown without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _as_text(one: inspect.Parameter) -> object:
    return one.annotation if one.annotation is one.empty else _Text(hints.describe(one.annotation))


def _is_context(annotation: Any, names: dict[str, Any]) -> bool:
    found = hints.resolve(annotation, names)
    if isinstance(found, str):
        return _names_context(found)
    members = [one for one in hints.union_members(found) if one is not type(None)]
    if members and members != [found]:
        return len(members) == 1 and _is_context(members[0], names)
    return isinstance(found, type) and issubclass(found, TaskContext)


def _names_context(text: str) -> bool:
    """Whether a text that could not be resolved says TaskContext: imported for type checkers alone."""
    inner = text.partition("Optional[")[2].rstrip(" ]") or text
    members = {one.strip(" '\"") for one in inner.split("|")} - {"None"}
    return len(members) == 1 and members.pop().rpartition(".")[2] == TaskContext.__name__
