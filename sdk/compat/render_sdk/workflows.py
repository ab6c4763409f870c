"""The task side, with the global registry of early programs."""

from __future__ import annotations

from orchestrator_sdk import Retry, Workflows
from orchestrator_sdk.generics import TYPE_CHECKING
from orchestrator_sdk.task import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

__all__ = ["Options", "Retry", "Workflows", "start", "task"]

_app = Workflows()


def task(func: Callable[..., Any] | None = None, *, name: str | None = None, options: Options | None = None) -> Any:
    """Make a task of a function, in the global registry; `Workflows.task` is the newer form."""
    chosen = options or Options()
    decorate: Callable[[Callable[..., Any]], Any] = _app.task(
        name=name, retry=chosen.retry, timeout_seconds=chosen.timeout_seconds, plan=chosen.plan
    )
    return decorate if func is None else decorate(func)


def start() -> NoReturn:
    """Hand the global registry over; `Workflows.start` is the newer form."""
    _app.start()
