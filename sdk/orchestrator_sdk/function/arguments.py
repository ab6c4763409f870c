"""From the arguments of a call to a run's input."""

from __future__ import annotations

from orchestrator_sdk.conversion.to_json import to_json
from orchestrator_sdk.errors import ArgumentsError
from orchestrator_sdk.generics import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final

LIMIT_BYTES: Final = 4 * 1024 * 1024
"""Of one run's input as JSON text."""


def pack(
    task: str, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> list[Any] | dict[str, Any]:
    """The input: a list for positional arguments, an object as soon as one was given by keyword.

    Raises ArgumentsError for a call that does not bind, and for arguments that cannot travel as JSON.
    """
    import json

    from orchestrator_sdk.function.binding import check

    check(task, func, args, kwargs)
    packed = to_json(_named(task, func, args, kwargs) if kwargs else list(args))
    try:
        text = json.dumps(packed, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise _culprit(task, func, packed, error) from None
    size_bytes = len(text.encode(errors="surrogatepass"))
    if size_bytes > LIMIT_BYTES:
        raise ArgumentsError(f"task '{task}': the arguments are {size_bytes} bytes of JSON; the limit is {LIMIT_BYTES}")
    return packed  # type: ignore[no-any-return]


def _named(task: str, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments by name."""
    if not args:
        return dict(kwargs)
    from orchestrator_sdk.function.signature import signature

    try:
        bound = signature(func).bind(*args, **kwargs)
    except TypeError as error:
        raise ArgumentsError(f"task '{task}': {error}") from None
    named: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is kind.VAR_KEYWORD:
            named.update(value)
        elif kind in (kind.VAR_POSITIONAL, kind.POSITIONAL_ONLY):
            raise ArgumentsError(f"task '{task}': '{name}' takes no keyword, so give all arguments by position")
        else:
            named[name] = value
    return named


def _culprit(task: str, func: Callable[..., Any], packed: Any, error: Exception) -> ArgumentsError:
    """An error that names the argument which cannot be sent."""
    import json

    named = packed.items() if isinstance(packed, dict) else zip(_names(func, len(packed)), packed, strict=True)
    for name, value in named:
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as reason:
            return ArgumentsError(f"task '{task}': argument '{name}' cannot be sent as JSON: {reason}")
    return ArgumentsError(f"task '{task}': the arguments cannot be sent as JSON: {error}")


def _names(func: Callable[..., Any], count: int) -> list[str]:
    """What to call that many positional arguments: their parameters' names as far as there are any."""
    from orchestrator_sdk.function.signature import signature

    names = list(signature(func).parameters)
    return [names[index] if index < len(names) else str(index) for index in range(count)]
