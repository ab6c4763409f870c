"""What comes of the user's code, as the frame that delivers it and the exit code that goes with it."""

from __future__ import annotations

from typing import Any, NamedTuple

from orchestrator_runtime import wire
from orchestrator_runtime.failure import describe
from orchestrator_runtime.link import encode
from orchestrator_runtime.user_code.execution import NOT_A_RESULT


class Outcome(NamedTuple):
    """`frame` is encoded: a result may be large, and is turned into JSON once."""

    frame: bytes
    exit_code: int


def result(value: object, *, is_boxed: bool = False) -> Outcome:
    """The outcome for what the task returned: a result, or why it is none; `is_boxed` as in `wire.Result`."""
    try:
        if hasattr(type(value), NOT_A_RESULT):
            raise TypeError(getattr(value, NOT_A_RESULT))
        frame = encode(wire.Result(value, is_boxed=is_boxed))
        size_bytes = len(frame) - len(encode(wire.Result("", is_boxed=is_boxed))) + len('""')
        if size_bytes > wire.RESULT_LIMIT_BYTES:
            raise ValueError(f"it is {size_bytes} bytes of JSON; the limit is {wire.RESULT_LIMIT_BYTES}")
    except (TypeError, ValueError) as reason:
        return no_result(reason)
    return Outcome(frame, wire.EXIT_OK)


def no_result(reason: Exception) -> Outcome:
    """The outcome for a result that cannot be delivered; the next attempt would return the same."""
    info = describe(reason, "result")
    message = f"the task's result cannot be delivered: {info.message}"
    return error(info._replace(type="ResultError", message=message, traceback="", retryable=False))


def error(info: wire.ErrorInfo) -> Outcome:
    """The outcome for an exception."""
    return Outcome(encode(wire.Error(info)), wire.EXIT_TASK_FAILED)


def tasks(definitions: list[Any]) -> Outcome:
    """The outcome of register mode. Raises TypeError or ValueError for definitions that are no JSON."""
    frame = encode(wire.Tasks(definitions))
    if len(frame) > wire.FRAME_LIMIT_BYTES:
        raise ValueError(f"the tasks are {len(frame)} bytes of JSON; the limit is {wire.FRAME_LIMIT_BYTES}")
    return Outcome(frame, wire.EXIT_OK)
