"""An exception as data: its type, its message, and the traceback as its author would see it.

The exception is the user's, and may do anything when it is looked at. So each part is taken on its own, and has a fallback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from orchestrator_runtime import json_text, wire
from orchestrator_runtime.user_code.execution import Terminated

if TYPE_CHECKING:
    from collections.abc import Callable
    from traceback import FrameSummary, StackSummary, TracebackException

T = TypeVar("T")

_OURS = ("/orchestrator_runtime/", "/orchestrator_sdk/", "<frozen ")
_READ_ONLY = ("Read-only file system", "EROFS")
_ADVICE = (
    "\nhint: a task's files are read-only, also its working directory: write below /tmp "
    "(Python: tempfile.gettempdir(), Node: os.tmpdir()), which takes up to half of the plan's memory and is gone with the run"
)
_NO_PROGRAM = (
    "\nhint: the image has no program '{name}': add the Debian package that has it, as in apt = [\"{name}\"], to orchestrator.toml "
    "(or [tool.orchestrator] in pyproject.toml), and deploy again"
)
_NAME_LIMIT_CHARS = 100
NOT_RETRYABLE = "__orchestrator_retryable__"
"""An exception class with this attribute set to False ends its run at once."""
CHILD = "__orchestrator_child__"
"""An exception with this attribute tells that a chained run failed: which one."""


def describe(error: BaseException, kind: Literal["task", "load", "result"]) -> wire.ErrorInfo:
    """The exception as it goes over the wire, texts cut to their limits. Raises Terminated and nothing else."""
    return wire.ErrorInfo(
        kind=kind,
        type=_shortened(_type_name(error), wire.TYPE_LIMIT_CHARS),
        message=advised(_message(error)),
        traceback=_shortened(format_traceback(error), wire.TRACEBACK_LIMIT_CHARS),
        retryable=_attempt(lambda: _is_retryable(error), lambda _: True),
        child=_attempt(lambda: _child_of(error), lambda _: ""),
    )


def advised(message: str) -> str:
    """The message within its limit, and what to do where the container, not the code, is the reason."""
    advice = _ADVICE if any(words in message for words in _READ_ONLY) else _about_program(message)
    return _shortened(message, wire.MESSAGE_LIMIT_CHARS - len(advice)) + advice


def _about_program(message: str) -> str:
    """Of what Node says when it cannot start a program: ``spawnSync ffmpeg ENOENT``."""
    words = message.split(None, 3)
    is_missing = words[:1] in (["spawn"], ["spawnSync"]) and words[2:3] == ["ENOENT"] and "/" not in words[1]
    return _NO_PROGRAM.format(name=words[1]) if is_missing and len(words[1]) < _NAME_LIMIT_CHARS else ""


def _is_retryable(error: BaseException) -> bool:
    import errno

    is_read_only = isinstance(error, OSError) and error.errno == errno.EROFS  # at every attempt
    return getattr(type(error), NOT_RETRYABLE, True) is not False and not is_read_only


def _child_of(error: BaseException) -> str:
    """The chained run that the error, or what led to it, tells of; empty where none does."""
    rest: list[BaseException | None] = [error]
    seen: set[int] = set()
    while rest:
        one = rest.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        child = getattr(one, CHILD, "")
        if isinstance(child, str) and child:
            return json_text.valid(child)[: wire.TYPE_LIMIT_CHARS]
        rest += [one.__context__, one.__cause__, *reversed(getattr(one, "exceptions", None) or ())]
    return ""


def format_traceback(error: BaseException) -> str:
    """The traceback without frames of ours or of the import system."""
    return _attempt(lambda: _whole_traceback(error), lambda _: _own_traceback(error))


def _attempt(take: Callable[[], T], otherwise: Callable[[BaseException], T]) -> T:
    """What `take` gives; `otherwise` when user code in it raises, or exits."""
    try:
        return take()
    except Terminated:
        raise
    except BaseException as broken:
        return otherwise(broken)


def _type_name(error: BaseException) -> str:
    def take() -> str:
        cls = type(error)
        return (
            cls.__qualname__ if cls.__module__ in ("builtins", "__main__") else f"{cls.__module__}.{cls.__qualname__}"
        )

    return _attempt(take, lambda _: "Exception")


def _message(error: BaseException) -> str:
    def otherwise(broken: BaseException) -> str:
        return f"<{_type_name(error)} whose __str__ raised {_type_name(broken)}>"

    return _attempt(lambda: str(error), otherwise)


def _whole_traceback(error: BaseException) -> str:
    """With all that led to it, from its first cause on."""
    from traceback import TracebackException

    described = TracebackException.from_exception(error, capture_locals=False)
    _cut(described)
    return "".join(described.format())


def _cut(described: TracebackException) -> None:
    """Leave our frames out everywhere; step by step, for a chain may be longer than the stack is deep."""
    rest: list[TracebackException | None] = [described]
    seen: set[int] = set()
    while rest:
        one = rest.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            one.stack[:] = _users(one.stack)
            rest += [one.__cause__, one.__context__, *(getattr(one, "exceptions", None) or ())]


def _own_traceback(error: BaseException) -> str:
    """Without what led to it, and without asking it for more than its text."""
    from traceback import StackSummary, extract_tb

    frames = _attempt(lambda: StackSummary.from_list(_users(extract_tb(error.__traceback__))).format(), lambda _: [])
    return "".join(["Traceback (most recent call last):\n", *frames, f"{_type_name(error)}: {_message(error)}\n"])


def _users(stack: StackSummary) -> list[FrameSummary]:
    return [frame for frame in stack if not any(part in frame.filename for part in _OURS)]


def _shortened(text: str, limit_chars: int) -> str:
    """Valid, and within the limit: of what is too long, its head and its tail."""
    whole = json_text.valid(text)
    if len(whole) <= limit_chars:
        return whole
    note = f"\n… {len(whole) - limit_chars:,} characters left out …\n"
    head = (limit_chars - len(note)) // 2
    tail = limit_chars - len(note) - head
    return whole[:head] + note + whole[-tail:]
