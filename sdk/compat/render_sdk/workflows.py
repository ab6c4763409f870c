"""The task side, with the global registry of early programs."""

from __future__ import annotations

import orchestrator_sdk
from orchestrator_sdk import Retry
from orchestrator_sdk.generics import TYPE_CHECKING
from orchestrator_sdk.task import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

__all__ = ["Options", "Retry", "Workflows", "start", "task"]


class Workflows(orchestrator_sdk.Workflows):
    """The app, in the forms of early versions as well: `auto_start`, which a deploy sees to, and `timeout` of a task."""

    def __init__(
        self,
        *,
        default_retry: Retry | None = None,
        default_timeout: int | None = None,
        default_plan: str | None = None,
        auto_start: bool = False,
    ) -> None:
        super().__init__(default_retry=default_retry, default_timeout=default_timeout, default_plan=default_plan)

    @classmethod
    def from_workflows(cls, *apps: orchestrator_sdk.Workflows, auto_start: bool = False, **defaults: Any) -> Workflows:
        """One app with the tasks of several."""
        combined: Any = super().from_workflows(*apps, **defaults)
        return combined  # type: ignore[no-any-return]

    def task(self, func: Callable[..., Any] | None = None, /, *, timeout: int | None = None, **options: Any) -> Any:
        """Make a task of a function."""
        if timeout is not None:
            options.setdefault("timeout_seconds", timeout)
        decorate: Callable[..., Any] = super().task
        return decorate(func, **options)


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
