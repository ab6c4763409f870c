"""The chained runs a task started."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from orchestrator_runtime import wire
from orchestrator_runtime.host import ChildFailed
from orchestrator_runtime.latch import Latch
from orchestrator_runtime.link import encode

if TYPE_CHECKING:
    from concurrent.futures import Future

    from orchestrator_runtime.link import Link


class Chained:
    """A chained run that was asked for: `has_id` is set when it has one or was refused, `ended` when it is over, or was refused."""

    __slots__ = ("_error", "_value", "ended", "has_id", "run_id")

    def __init__(self) -> None:
        self.run_id = ""
        self.has_id = Latch()
        self.ended = Latch()
        self._value: Any = None
        self._error: ChildFailed | None = None

    @property
    def refusal(self) -> ChildFailed | None:
        """Why there is no run."""
        return None if self.run_id else self._error

    def result(self) -> Any:
        """Its value, once it has ended. Raises ChildFailed."""
        if self._error is not None:
            raise self._error
        return self._value

    def confirm(self, run_id: str) -> None:
        """It has an id; repeated news is ignored."""
        self.run_id = self.run_id or run_id
        self.has_id.set()

    def end(self, value: Any, error: ChildFailed | None = None) -> None:
        """It is over."""
        self._value, self._error = value, error
        self.has_id.set()
        self.ended.set()


class Children:
    """Numbers the calls, and ends each future with its child."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._open: dict[int, Chained] = {}
        self._calls = 0
        self._waiting = 0

    def start(self, task: str, arguments: list[Any] | dict[str, Any]) -> Future[Any]:
        """Ask for a chained run; the future cannot be canceled, for others may wait for it too."""
        from concurrent.futures import Future  # 10 ms that a task without chained runs need not pay

        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        chained = self._start(task, arguments, confirm=False)
        chained.ended.listen(partial(_fulfil, future, chained))
        return future

    def start_confirmed(self, task: str, arguments: list[Any] | dict[str, Any]) -> Chained:
        """The same for who wants to know the run's id, too."""
        return self._start(task, arguments, confirm=True)

    def _start(self, task: str, arguments: list[Any] | dict[str, Any], *, confirm: bool) -> Chained:
        chained = Chained()
        with self._lock:
            if self._calls == wire.CHILDREN_LIMIT:
                raise RuntimeError(f"one attempt may chain at most {wire.CHILDREN_LIMIT} runs")
            call = self._calls
            frame = encoded(wire.Child(call, task, arguments, confirm))
            self._calls += 1
            self._open[call] = chained
        self._link.post(f"child:{call}", frame)
        return chained

    def waiting(self, delta: int) -> None:
        """Tell the orchestrator when the first wait begins and the last one ends: it changes what the attempt holds."""
        with self._lock:
            was_waiting = self._waiting > 0
            self._waiting += delta
            is_waiting = self._waiting > 0
            if was_waiting != is_waiting:
                self._link.post("waiting", encode(wire.Waiting(is_waiting)))

    def confirmed(self, frame: dict[str, Any]) -> None:
        """A child has an id."""
        with self._lock:
            chained = self._open.get(frame["call"])
        if chained is not None:
            chained.confirm(frame["child"])

    def done(self, frame: dict[str, Any]) -> None:
        """A child ended; repeated news is ignored."""
        self._link.answered(f"child:{frame['call']}")
        with self._lock:
            chained = self._open.pop(frame["call"], None)
        if chained is None:
            return
        if run_id := frame.get("child"):
            chained.confirm(run_id)
        error = frame.get("error")
        if error is None:
            chained.end(frame["value"])
        else:
            chained.end(None, ChildFailed(frame.get("child", ""), error["status"], error["type"], error["message"]))


def _fulfil(future: Future[Any], chained: Chained) -> None:
    try:
        future.set_result(chained.result())
    except ChildFailed as failed:
        future.set_exception(failed)


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
