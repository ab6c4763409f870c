"""The chained runs a task started."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrator_runtime import wire
from orchestrator_runtime.host import ChildFailed
from orchestrator_runtime.link import encode

if TYPE_CHECKING:
    from concurrent.futures import Future

    from orchestrator_runtime.link import Link


class Started(NamedTuple):
    """A chained run: `run_id` ends when it has one, or with ChildFailed when it was refused; `value` when it is over."""

    run_id: Future[str]
    value: Future[Any]


class Children:
    """Numbers the calls, and ends each future with its child."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._started: dict[int, Started] = {}
        self._calls = 0
        self._waiting = 0

    def start(self, task: str, arguments: list[Any] | dict[str, Any]) -> Future[Any]:
        """Ask for a chained run; the future cannot be canceled, for others may wait for it too."""
        return self._start(task, arguments, confirm=False).value

    def start_confirmed(self, task: str, arguments: list[Any] | dict[str, Any]) -> Started:
        """The same for who wants to know the run's id, too."""
        return self._start(task, arguments, confirm=True)

    def _start(self, task: str, arguments: list[Any] | dict[str, Any], *, confirm: bool) -> Started:
        from concurrent.futures import Future  # 10 ms that a task without chained runs need not pay

        started = Started(Future(), Future())
        for future in started:
            future.set_running_or_notify_cancel()
        with self._lock:
            if self._calls == wire.CHILDREN_LIMIT:
                raise RuntimeError(f"one attempt may chain at most {wire.CHILDREN_LIMIT} runs")
            call = self._calls
            frame = encoded(wire.Child(call, task, arguments, confirm))
            self._calls += 1
            self._started[call] = started
        self._link.post(f"child:{call}", frame)
        return started

    def waiting(self, delta: int) -> None:
        """Tell the orchestrator when the first wait begins and the last one ends: it changes what the attempt holds."""
        with self._lock:
            was_waiting = self._waiting > 0
            self._waiting += delta
            is_waiting = self._waiting > 0
            if was_waiting != is_waiting:
                self._link.post("waiting", encode(wire.Waiting(is_waiting)))

    def confirmed(self, frame: dict[str, Any]) -> None:
        """A child has an id; repeated news is ignored."""
        with self._lock:
            started = self._started.get(frame["call"])
            if started is not None and not started.run_id.done():
                started.run_id.set_result(frame["child"])

    def done(self, frame: dict[str, Any]) -> None:
        """A child ended; repeated news is ignored."""
        self._link.answered(f"child:{frame['call']}")
        with self._lock:
            started = self._started.pop(frame["call"], None)
        if started is None:
            return
        error = frame.get("error")
        if error is None:
            started.value.set_result(frame["value"])
            return
        failed = ChildFailed(frame.get("child", ""), error["status"], error["type"], error["message"])
        started.value.set_exception(failed)
        if not started.run_id.done():
            started.run_id.set_exception(failed)


def encoded(asked: wire.Child) -> bytes:
    """The frame as JSON. Raises TypeError or ValueError, in the user's code, for an input the orchestrator would not take."""
    try:
        frame = encode(asked)
        size_bytes = len(frame) - len(encode(asked._replace(input=[]))) + len("[]")
        if size_bytes > wire.INPUT_LIMIT_BYTES:
            raise ValueError(f"it is {size_bytes} bytes of JSON; the limit is {wire.INPUT_LIMIT_BYTES}")
    except (TypeError, ValueError) as error:
        raise type(error)(f"the input of '{asked.task}' cannot be sent: {error}") from None
    return frame
