"""Runs one task in the main thread, so that SIGTERM can interrupt it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio

    from orchestrator_runtime.host import App
    from orchestrator_runtime.wire import Assign

NOT_A_RESULT: Final = "__orchestrator_not_a_result__"
"""A value whose class has this attribute (its text says why) is no result, though it could be awaited."""
_LEFTOVER_GRACE_S: Final = 1.0


class Terminated(BaseException):
    """SIGTERM arrived: the user's code unwinds through its own finally blocks."""


class Execution:
    """At most one task at a time."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._left: set[asyncio.Task[Any]] = set()
        self._is_terminated = False

    def run(self, app: App, assignment: Assign) -> Any:
        """What the task returns; raises whatever it raises, and Terminated after `terminate`."""
        context = {
            "run_id": assignment["run_id"],
            "root_run_id": assignment["root_run_id"],
            "parent_run_id": assignment["parent_run_id"],
            "attempt": assignment["attempt"],
            "traceparent": assignment.get("traceparent"),
        }
        value = app.call(assignment["task"], assignment["input"], context)
        # The type is asked: some objects, as of addict and unittest.mock, claim to have every attribute.
        if hasattr(type(value), "__await__") and not hasattr(type(value), NOT_A_RESULT):
            return self._run_async(value)
        return value

    def terminate(self) -> None:
        """Cancel the task if it is async, else raise Terminated where it stands; called by the signal handler."""
        self._is_terminated = True
        if self._loop is not None and self._task is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._task.cancel)
            return
        raise Terminated

    def end_leftovers(self) -> None:
        """Cancel the asyncio tasks nobody awaited and let them unwind for a moment, then close generators, as asyncio.run does."""
        if self._loop is None or self._loop.is_closed():
            return
        import asyncio

        leftovers = asyncio.all_tasks(self._loop)
        for task in leftovers:
            task.cancel()
        if leftovers:
            _, self._left = self._loop.run_until_complete(asyncio.wait(leftovers, timeout=_LEFTOVER_GRACE_S))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    def unfinished(self) -> list[str]:
        """The asyncio tasks that went on all the same."""
        return [f"asyncio task '{task.get_name()}'" for task in self._left if not task.done()]

    def _run_async(self, awaitable: Any) -> Any:
        import asyncio

        async def main() -> Any:
            return await awaitable

        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(main(), name="task")
        try:
            return self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            if self._is_terminated:
                raise Terminated from None
            raise
