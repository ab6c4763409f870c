from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator

from orchestrator_sdk.errors import WaitTimeoutError, subtask_error
from orchestrator_sdk.generics import TYPE_CHECKING, R

if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Any

    from orchestrator_runtime.host import Host


class TaskInstance(Coroutine["Any", "Any", R]):
    """A chained run, already started: await it for the value its task returns, or a TaskRunError.

    It may be awaited any number of times, by any number of waiters; a waiter that is cancelled changes nothing for the
    others or for the run. It is a coroutine so that `create_task` and `TaskGroup` take it; because several asyncio tasks
    may drive it that way at once, each gets an inner coroutine of its own. `read` makes of the value that arrives what the
    task's annotation promises.
    """

    def __init__(
        self, name: str, future: Future[Any], host: Host, read: Callable[[Any], R] = lambda value: value
    ) -> None:
        self.__name__ = self.__qualname__ = name
        self._future = future
        self._host = host
        self._read = read
        self._drivers: dict[object, Coroutine[Any, Any, R]] = {}

    @property
    def __orchestrator_not_a_result__(self) -> str:
        """Why this is not what a task may return, though it could be awaited."""
        name = self.__name__
        return (
            f"the task returned a chained run of '{name}' instead of its value: make the function async, "
            f"and return `await {name}(...)`"
        )

    def result(self, timeout_s: float | None = None) -> R:
        """Block until the run ended, for functions that are not async. Raises WaitTimeoutError; the run then goes on."""
        from concurrent.futures import TimeoutError as FutureTimeoutError

        self._host.waiting(+1)
        try:
            self._future.exception(timeout_s)
        except FutureTimeoutError:
            if not self._future.done():
                raise WaitTimeoutError(f"'{self.__name__}' has not ended after {timeout_s} s; it goes on") from None
        finally:
            self._host.waiting(-1)
        return self._value()

    def __await__(self) -> Generator[Any, Any, R]:
        return self._wait().__await__()

    def send(self, value: Any) -> Any:
        return self._driver().send(value)

    def throw(self, *error: Any) -> Any:
        return self._driver().throw(*error)

    def close(self) -> None:
        while self._drivers:
            self._drivers.popitem()[1].close()

    def _driver(self) -> Coroutine[Any, Any, R]:
        """The inner coroutine of the asyncio task that is driving this one."""
        import asyncio

        task = asyncio.current_task()
        if task not in self._drivers:
            self._drivers[task] = self._drive(task)
        return self._drivers[task]

    async def _drive(self, task: object) -> R:
        try:
            return await self._wait()
        finally:
            self._drivers.pop(task, None)

    async def _wait(self) -> R:
        if not self._future.done():
            self._host.waiting(+1)
            try:
                await _until_done(self._future)
            finally:
                self._host.waiting(-1)
        return self._value()

    def _value(self) -> R:
        from orchestrator_runtime.host import ChildFailed

        try:
            value = self._future.result()
        except ChildFailed as failed:
            raise subtask_error(failed, self.__name__) from None
        return self._read(value)

    def __repr__(self) -> str:
        return f"<TaskInstance of '{self.__name__}' {'ended' if self._future.done() else 'running'}>"


async def _until_done(future: Future[Any]) -> None:
    """Wait without owning the future: asyncio.wrap_future would cancel it together with one of its waiters."""
    import asyncio
    import contextlib

    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def wake(_: Future[Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop of a waiter that gave up is closed
            loop.call_soon_threadsafe(ended.set)

    future.add_done_callback(wake)
    await ended.wait()
