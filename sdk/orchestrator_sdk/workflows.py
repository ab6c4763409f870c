from __future__ import annotations

from collections.abc import Mapping

from orchestrator_sdk import active_run
from orchestrator_sdk.errors import NotDeployedError, UnknownTaskError
from orchestrator_sdk.generics import TYPE_CHECKING, P, R
from orchestrator_sdk.retry import Retry
from orchestrator_sdk.task import Options, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any, Concatenate, NoReturn, overload

    from orchestrator_runtime.wire import TaskDefinition, WarmMode
    from orchestrator_sdk.task_context import TaskContext
    from orchestrator_sdk.task_decorator import TaskDecorator


class Workflows:
    """The tasks of one repo, or of one of its modules.

    The defaults hold for tasks that do not say otherwise. `timeout` counts for each attempt, in seconds.
    """

    def __init__(
        self,
        *,
        default_retry: Retry | None = None,
        default_timeout: int | None = None,
        default_plan: str | None = None,
        default_warm: WarmMode | None = None,
        default_network: str | Sequence[str] | None = None,
        auto_start: bool | None = None,
    ) -> None:
        if auto_start is not None:
            import warnings

            warnings.warn("Workflows(auto_start=) has no effect: call app.start()", DeprecationWarning, stacklevel=2)
        self._defaults = Options(
            _as_retry(default_retry), default_timeout, default_plan, default_warm, network=default_network
        )
        self._tasks: dict[str, Task[..., Any]] = {}

    @classmethod
    def from_workflows(
        cls,
        *apps: Workflows,
        default_retry: Retry | None = None,
        default_timeout: int | None = None,
        default_plan: str | None = None,
    ) -> Workflows:
        """One app with the tasks of several; the defaults are for tasks added to it later.

        Raises ValueError when two apps define tasks of the same name.
        """
        combined = cls(default_retry=default_retry, default_timeout=default_timeout, default_plan=default_plan)
        for app in apps:
            for task in app._tasks.values():
                combined._add(task, f"Task '{task.name}' is defined in multiple apps")
        return combined

    # The async forms come first: every async function is also a function that returns something. Likewise the context.
    if TYPE_CHECKING:

        @overload
        def task(self, func: Callable[Concatenate[TaskContext, P], Coroutine[Any, Any, R]], /) -> Task[P, R]: ...
        @overload
        def task(self, func: Callable[P, Coroutine[Any, Any, R]], /) -> Task[P, R]: ...
        @overload
        def task(self, func: Callable[Concatenate[TaskContext, P], R], /) -> Task[P, R]: ...
        @overload
        def task(self, func: Callable[P, R], /) -> Task[P, R]: ...
        @overload
        def task(
            self,
            func: None = None,
            /,
            *,
            name: str | None = None,
            retry: Retry | None = None,
            timeout_seconds: int | None = None,
            plan: str | None = None,
            warm: WarmMode | None = None,
            warm_min: int | None = None,
            network: str | Sequence[str] | None = None,
        ) -> TaskDecorator: ...

    def task(  # noqa: PLR0913 - all but the function go by keyword
        self,
        func: Callable[..., Any] | None = None,
        /,
        *,
        name: str | None = None,
        retry: Retry | None = None,
        timeout_seconds: int | None = None,
        plan: str | None = None,
        warm: WarmMode | None = None,
        warm_min: int | None = None,
        network: str | Sequence[str] | None = None,
    ) -> Any:
        """Make a task of a function: ``@app.task`` or ``@app.task(name=…, plan=…)``.

        `name` is the function's unless given; `timeout_seconds` is from 30 to 86,400.
        `warm` is "imported" (containers that have imported the code wait for runs in recent demand) or "off", `warm_min` how many
        wait also when nobody asks. `network` is "internet", "none", or a list of the only hosts and IPv4 ranges that runs reach.
        Raises ValueError for a name that is taken.
        """
        options = Options(_as_retry(retry), timeout_seconds, plan, warm, warm_min, network).over(self._defaults)
        if func is None:
            return lambda decorated: self._register(decorated, name, options)
        return self._register(func, name, options)

    def start(self) -> NoReturn:
        """Hand the tasks over to the orchestrator; never returns.

        Raises NotDeployedError in any process but those the orchestrator starts.
        """
        host = active_run.find_host()
        if host is None:
            raise NotDeployedError(
                "app.start() runs in containers only: `orchestrator deploy PATH` puts this program there, "
                "and `orchestrator run WORKFLOW/TASK` runs its tasks"
            )
        host.serve(self)

    def definitions(self) -> list[TaskDefinition]:
        """The tasks as they are registered, in the order of their definition."""
        return [task.definition() for task in self._tasks.values()]

    def call(self, task: str, arguments: list[Any] | dict[str, Any], context: dict[str, Any]) -> Any:
        """Execute a task as the run that `context` describes. Raises UnknownTaskError, a KeyError."""
        found = self._tasks.get(task)
        if found is None:
            raise UnknownTaskError(f"there is no task '{task}'; the app has {', '.join(self._tasks) or 'none'}")
        active_run.begin()
        return found.execute(arguments, context)

    def _register(self, func: Callable[..., Any], name: str | None, options: Options) -> Task[..., Any]:
        if not callable(func):
            raise TypeError(
                f"@app.task decorates a function, and was given {func!r}: options go by keyword, as in name="
            )
        if isinstance(func, Task):
            func = func.func
        task: Task[..., Any] = Task(func, name or func.__name__, options)
        self._add(task, f"Task '{task.name}' already registered")
        return task

    def _add(self, task: Task[..., Any], problem: str) -> None:
        """Take the task in, unless another one has its name."""
        other = self._tasks.setdefault(task.name, task)
        if other is not task:
            from orchestrator_sdk.function.signature import place

            raise ValueError(
                f"{problem}: {place(other.func)} and {place(task.func)}; "
                "give one of them another name with @app.task(name=...)"
            )

    def __repr__(self) -> str:
        return f"<Workflows tasks={list(self._tasks)}>"


def _as_retry(retry: Retry | Mapping[str, Any] | None) -> Retry | None:
    """The retry; older programs give it as a dict."""
    if isinstance(retry, Mapping):
        return Retry(**retry)
    if retry is not None and not isinstance(retry, Retry):
        raise TypeError(f"retry must be a Retry(max_retries, wait_duration_ms), and is {retry!r}")
    return retry
