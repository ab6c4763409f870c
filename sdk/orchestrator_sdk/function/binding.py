"""From a run's input to the arguments of a call, by the function's signature."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from orchestrator_sdk import hints
from orchestrator_sdk.conversion.converter import Converter, Mismatch, show
from orchestrator_sdk.conversion.reader import AnnotationReader
from orchestrator_sdk.errors import ArgumentsError
from orchestrator_sdk.function.signature import is_binding, signature, whole_signature
from orchestrator_sdk.function.signature import show as show_signature

_MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def check(task: str, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Raise ArgumentsError for a call that cannot bind to the function's signature."""
    if not is_binding(func):
        return
    try:
        signature(func).bind(*args, **kwargs)
    except TypeError as error:
        raise mismatch(task, func, str(error)) from None


def bind(
    task: str, func: Callable[..., Any], arguments: list[Any] | Mapping[str, Any], contexts: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of the call, converted as they are annotated, with the contexts in their places.

    Raises ArgumentsError for what does not bind, or does not fit its annotation.
    """
    args, kwargs = _split(arguments)
    try:
        bound = signature(func).bind(*args, **kwargs)
    except TypeError as error:
        if is_binding(func):
            raise mismatch(task, func, str(error)) from None
        return [*contexts.values(), *args], kwargs  # a decorator adds what is missing
    return _placed(func, {**converted(task, func, bound), **contexts})


def converted(task: str, func: Callable[..., Any], bound: inspect.BoundArguments) -> dict[str, Any]:
    """The arguments by their names, converted as they are annotated. Raises ArgumentsError."""
    reader = AnnotationReader(hints.names_of(hints.unwrapped(func)))
    found: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        parameter = bound.signature.parameters[name]
        converter = Converter({}) if parameter.annotation is parameter.empty else reader.read(parameter.annotation)
        try:
            found[name] = _parse(converter, value, parameter.kind)
        except Mismatch as problem:
            raise _misfit(task, func, name, problem) from problem.__cause__
    return found


def refusal(
    task: str, func: Callable[..., Any], arguments: list[Any] | Mapping[str, Any], error: TypeError
) -> ArgumentsError | None:
    """What a TypeError that a call raised becomes when the call did not bind; None when the function itself raised it.

    Python begins the words of the former with the function's name, and raises them before the function has a frame.
    """
    inner = hints.unwrapped(func)
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    begins = f"{getattr(inner, '__qualname__', '')}() "
    ran = frame is not None and frame.tb_frame.f_code is getattr(inner, "__code__", None)
    if ran or not str(error).startswith(begins):
        return None
    args, kwargs = _split(arguments)
    try:
        signature(func).bind(*args, **kwargs)
    except TypeError as problem:
        return mismatch(task, func, str(problem))
    return mismatch(task, func, str(error).removeprefix(begins))


def mismatch(task: str, func: Callable[..., Any], problem: str) -> ArgumentsError:
    """The error for a call that does not bind."""
    return ArgumentsError(f"task '{task}': {problem}; its signature is {show_signature(func)}")


def read_result(func: Callable[..., Any], value: Any) -> Any:
    """A chained run's value as the function's annotation promises it; as it came where it is something else."""
    inner = hints.unwrapped(func)
    converter = AnnotationReader(hints.names_of(inner)).read(hints.own(inner)["return"])
    with contextlib.suppress(Mismatch):
        return converter.parse(value)
    return value


def _split(arguments: list[Any] | Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The input as positional and named arguments."""
    return ([], dict(arguments)) if isinstance(arguments, Mapping) else (list(arguments), {})


def _parse(converter: Converter, value: Any, kind: Any) -> Any:
    if kind not in _MANY:
        return converter.parse(value)
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    made = {}
    for key, one in items:
        try:
            made[key] = converter.parse(one)
        except Mismatch as problem:
            raise problem.inside(f"[{show(key)}]") from problem.__cause__
    return made if isinstance(value, Mapping) else tuple(made.values())


def _placed(func: Callable[..., Any], named: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments in the signature's order, positional ones as such."""
    whole = whole_signature(func)
    call = inspect.BoundArguments(whole, {name: named[name] for name in whole.parameters if name in named})
    if any(one.kind is one.POSITIONAL_ONLY and one.name not in named for one in whole.parameters.values()):
        call.apply_defaults()  # what has no name cannot be skipped
    return list(call.args), dict(call.kwargs)


def _misfit(task: str, func: Callable[..., Any], name: str, problem: Mismatch) -> ArgumentsError:
    return ArgumentsError(
        f"task '{task}': argument '{name}{problem.path}' should be {problem.expected}, and is {show(problem.given)}; "
        f"its signature is {show_signature(func)}"
    )
