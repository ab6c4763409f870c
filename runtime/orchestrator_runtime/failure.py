"""An exception as data: its type, its message, and the traceback as its author would see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from orchestrator_runtime import json_text, wire

if TYPE_CHECKING:
    from traceback import TracebackException

_OURS = ("/orchestrator_runtime/", "/orchestrator_sdk/", "<frozen ")
NOT_RETRYABLE = "__orchestrator_retryable__"
"""An exception class with this attribute set to False ends its run at once."""


def describe(error: BaseException, kind: Literal["task", "load", "result"]) -> wire.ErrorInfo:
    """The exception as it goes over the wire, texts cut to their limits."""
    return wire.ErrorInfo(
        kind=kind,
        type=json_text.valid(_type_name(error))[: wire.TYPE_LIMIT_CHARS],
        message=json_text.valid(_message(error))[: wire.MESSAGE_LIMIT_CHARS],
        traceback=json_text.valid(format_traceback(error))[-wire.TRACEBACK_LIMIT_CHARS :],
        retryable=getattr(error, NOT_RETRYABLE, True) is not False,
    )


def format_traceback(error: BaseException) -> str:
    """The traceback without frames of ours or of the import system."""
    import traceback

    described = traceback.TracebackException.from_exception(error, capture_locals=False)
    _cut(described)
    return "".join(described.format())


def _cut(described: TracebackException | None) -> None:
    if described is None:
        return
    described.stack[:] = [frame for frame in described.stack if not any(part in frame.filename for part in _OURS)]
    _cut(described.__cause__)
    _cut(described.__context__)
    for one in getattr(described, "exceptions", None) or ():
        _cut(one)


def _type_name(error: BaseException) -> str:
    cls = type(error)
    return cls.__qualname__ if cls.__module__ in ("builtins", "__main__") else f"{cls.__module__}.{cls.__qualname__}"


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # the user's own __str__ may do anything
        return f"<{type(error).__name__} whose __str__ raised {type(broken).__name__}>"
