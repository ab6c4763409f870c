"""Calling a task's function with a run's input.

Plain functions are called at once, with nothing loaded for it; a context elsewhere than in front, or an annotation that
converts, takes the signature's help.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator_sdk import hints
from orchestrator_sdk.conversion.plain import is_plain
from orchestrator_sdk.conversion.to_json import to_json
from orchestrator_sdk.function.signature import context_names, parameter_names
from orchestrator_sdk.generics import TYPE_CHECKING
from orchestrator_sdk.task_context import TaskContext
from orchestrator_sdk.task_instance import TaskInstance

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any


def invoke(task: str, func: Callable[..., Any], arguments: list[Any] | Mapping[str, Any], context: TaskContext) -> Any:
    """What the function returns, as JSON's types; an awaitable of that if it is async.

    Raises ArgumentsError for an input the function does not take.
    """
    args, kwargs = _call_with(task, func, arguments, context)
    try:
        value = func(*args, **kwargs)
    except TypeError as error:
        from orchestrator_sdk.function.binding import refusal

        refused = refusal(task, func, arguments, error)
        if refused is None:
            raise
        raise refused from None
    if isinstance(value, TaskInstance):
        return value
    return _awaited(value) if hasattr(type(value), "__await__") else to_json(value)


async def _awaited(value: Awaitable[Any]) -> Any:
    result = await value
    return result if isinstance(result, TaskInstance) else to_json(result)


def _call_with(
    task: str, func: Callable[..., Any], arguments: list[Any] | Mapping[str, Any], context: TaskContext
) -> tuple[list[Any], dict[str, Any]]:
    """The positional and the named arguments of the call."""
    contexts = context_names(func)
    if contexts != parameter_names(hints.unwrapped(func))[: len(contexts)] or converts(func):
        from orchestrator_sdk.function.binding import bind

        return bind(task, func, arguments, dict.fromkeys(contexts, context))
    before = [context] * len(contexts)
    return (before, dict(arguments)) if isinstance(arguments, Mapping) else ([*before, *arguments], {})


def converts(func: Callable[..., Any]) -> bool:
    """Whether a parameter's annotation may say more than JSON does."""
    inner = hints.unwrapped(func)
    names = hints.names_of(inner)
    hidden = ("return", *context_names(func))
    return any(not is_plain(one, names) for name, one in hints.own(inner).items() if name not in hidden)
