"""The chained runs a task started."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from orchestrator_runtime import wire
from orchestrator_runtime.host import ChildFailed

if TYPE_CHECKING:
    from concurrent.futures import Future

    from orchestrator_runtime.link import Link


class Children:
    """Numbers the calls, and ends each future with its child."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._futures: dict[int, Future[Any]] = {}
        self._calls = 0
        self._waiting = 0

    def start(self, task: str, arguments: list[Any] | dict[str, Any]) -> Future[Any]:
        """Ask for a chained run; the future cannot be canceled, for others may wait for it too."""
        from concurrent.futures import Future  # 10 ms that a task without chained runs need not pay

        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._calls == wire.CHILDREN_LIMIT:
                raise RuntimeError(f"one attempt may chain at most {wire.CHILDREN_LIMIT} runs")
            call = self._calls
            self._calls += 1
            self._futures[call] = future
        self._link.post(f"child:{call}", {"type": "child", "call": call, "task": task, "input": arguments})
        return future

    def waiting(self, delta: int) -> None:
        """Tell the orchestrator when the first wait begins and the last one ends: it changes what the attempt holds."""
        with self._lock:
            was_waiting = self._waiting > 0
            self._waiting += delta
            is_waiting = self._waiting > 0
            if was_waiting != is_waiting:
                self._link.post("progress", {"type": "progress", "waiting": is_waiting})

    def done(self, frame: dict[str, Any]) -> None:
        """A child ended; repeated news is ignored."""
        self._link.settle(f"child:{frame['call']}")
        with self._lock:
            future = self._futures.pop(frame["call"], None)
        if future is None:
            return
        error = frame.get("error")
        if error is None:
            future.set_result(frame["value"])
        else:
            future.set_exception(ChildFailed(frame.get("child", ""), error["status"], error["type"], error["message"]))
