"""What comes of a task, as the frame that delivers it."""

from __future__ import annotations

from typing import Any

from orchestrator_runtime import wire
from orchestrator_runtime.execution import NOT_A_RESULT
from orchestrator_runtime.failure import describe
from orchestrator_runtime.link import encode


def result(value: object) -> dict[str, Any]:
    """The outcome for what the task returned: a result, or why it is none."""
    outcome = {"type": "result", "value": value}
    try:
        if hasattr(type(value), NOT_A_RESULT):
            raise TypeError(getattr(value, NOT_A_RESULT))
        size_bytes = len(encode(outcome)) - len('{"type":"result","value":}')
        if size_bytes > wire.RESULT_LIMIT_BYTES:
            raise ValueError(f"it is {size_bytes} bytes of JSON; the limit is {wire.RESULT_LIMIT_BYTES}")
    except (TypeError, ValueError, RecursionError) as error:
        return {"type": "error", "error": _no_result(error)}
    return outcome


def _no_result(error: Exception) -> wire.ErrorInfo:
    info = describe(error, "result")
    message = f"the task's result cannot be delivered: {info['message']}"
    return {**info, "type": "ResultError", "message": message, "traceback": "", "retryable": False}
