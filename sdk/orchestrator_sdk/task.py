from __future__ import annotations

import functools
from collections.abc import Mapping

from orchestrator_sdk import active_run, hints
from orchestrator_sdk.conversion.plain import is_plain
from orchestrator_sdk.errors import OutsideRunError
from orchestrator_sdk.function.arguments import pack
from orchestrator_sdk.function.invocation import invoke
from orchestrator_sdk.generics import TYPE_CHECKING, Generic, P, R
from orchestrator_sdk.retry import Retry
from orchestrator_sdk.task_context import TaskContext
from orchestrator_sdk.task_instance import TaskInstance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from orchestrator_runtime.wire import TaskDefinition, TaskOptions, WarmMode


class Options:
    """How a task is run; what is None is left to the orchestrator."""

    __slots__ = ("network", "plan", "retry", "timeout_seconds", "warm", "warm_min")

    def __init__(
        self,
        retry: Retry | None = None,
        timeout_seconds: int | None = None,
        plan: str | None = None,
        warm: WarmMode | None = None,
        warm_min: int | None = None,
        network: str | Sequence[str] | None = None,
    ) -> None:
        self.retry = retry
        self.timeout_seconds = timeout_seconds
        self.plan = plan
        self.warm = warm
        self.warm_min = warm_min
        self.network = network

    def over(self, defaults: Options) -> Options:
        """These options, and the defaults where they say nothing."""
        return Options(
            retry=defaults.retry if self.retry is None else self.retry,
            timeout_seconds=defaults.timeout_seconds if self.timeout_seconds is None else self.timeout_seconds,
            plan=defaults.plan if self.plan is None else self.plan,
            warm=defaults.warm if self.warm is None else self.warm,
            warm_min=self.warm_min,
            network=defaults.network if self.network is None else self.network,
        )

    def to_wire(self) -> TaskOptions:
        """As they are registered: only what was said."""
        wire: TaskOptions = {}
        if self.retry is not None:
            wire["retry"] = self.retry.to_wire()
        if self.timeout_seconds:
            wire["timeout_seconds"] = self.timeout_seconds
        if self.plan:
            wire["plan"] = self.plan
        if self.warm:
            wire["warm"] = self.warm
        if self.warm_min is not None:
            wire["warm_min"] = self.warm_min
        if self.network is not None:
            wire["network"] = self.network if isinstance(self.network, str) else list(self.network)
        return wire


class Task(Generic[P, R]):
    """A function of which each call is a run in a container of its own.

    `func` is the plain function, for calling it here and now.
    """

    def __init__(self, func: Callable[..., Any], name: str, options: Options) -> None:
        functools.update_wrapper(self, func)
        self.func = func
        self.name = name
        self.options = options

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> TaskInstance[R]:
        """Chain a run, at once. Raises OutsideRunError where no task is being executed."""
        host = active_run.host
        if host is None:
            raise OutsideRunError(_outside_a_run(self.name, self.func))
        future = host.start_child(self.name, pack(self.name, self.func, args, kwargs))
        return TaskInstance(self.name, future, host, self._read_result)

    def execute(self, arguments: list[Any] | Mapping[str, Any], facts: dict[str, Any]) -> Any:
        """Call the function with a run's input; an awaitable if it is async. Raises ArgumentsError."""
        return invoke(self.name, self.func, arguments, TaskContext.of(facts))

    def definition(self) -> TaskDefinition:
        """The task as it is registered."""
        from orchestrator_sdk.function.registration import define

        return define(self.name, self.func, self.options.to_wire())

    def _read_result(self, value: Any) -> Any:
        """A run's value as the function's annotation promises it."""
        inner = hints.unwrapped(self.func)
        annotated = hints.own(inner).get("return", object)
        if is_plain(annotated, hints.names_of(inner)):
            return value
        from orchestrator_sdk.function.binding import read_result

        return read_result(self.func, value)

    def __repr__(self) -> str:
        return f"<Task '{self.name}'>"


def _outside_a_run(name: str, func: Callable[..., Any]) -> str:
    function = getattr(func, "__name__", name)
    return (
        f"task '{name}' was called where no run is being executed: await it inside another task, "
        f'start it from any program with Client().run("WORKFLOW/{name}", [...]), '
        f"or call the plain function with {function}.func(...)"
    )
