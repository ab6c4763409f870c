"""Frames from a container, checked: everything that arrives from there is untrusted."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, NamedTuple, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from orchestrator_runtime import json_text, wire


class Violation(NamedTuple):
    """The container broke the protocol: tampering, or a shim of another version."""

    reason: str
    type: Literal["violation"] = "violation"


Frame = wire.OutFrame | Violation


class Text(NamedTuple):
    """A value that would take long to understand, as JSON: valid, compact, and within the limits."""

    json: str


def json_of(value: Any) -> str:
    """A frame's value, which may be a Text, as compact JSON."""
    return value.json if isinstance(value, Text) else json_text.dumps(value)


_KINDS: Final = {kind._field_defaults["type"]: kind for kind in get_args(wire.OutFrame)}
_CODECS: Final = {name: TypeAdapter(kind, config=ConfigDict(strict=True)) for name, kind in _KINDS.items()}
_OLD_NAMES: Final = {"progress": "waiting"}
"""What images built earlier call a frame."""
_TEXT_LIMITS_CHARS: Final = {
    "task": 256,
    "type": wire.TYPE_LIMIT_CHARS,
    "message": wire.MESSAGE_LIMIT_CHARS,
    "traceback": wire.TRACEBACK_LIMIT_CHARS,
    "child": wire.TYPE_LIMIT_CHARS,
}


def parse(text: str | None) -> Frame:
    """The frame in a stream entry; a Violation when it is none."""
    if text is None:
        return Violation("an entry without a frame")
    if len(text) > wire.FRAME_LIMIT_BYTES:
        return Violation(f"a frame of {len(text)} bytes; the limit is {wire.FRAME_LIMIT_BYTES}")
    try:
        with _uncollected():
            frame = _checked(json_text.loads(text, levels=wire.FRAME_NESTING_LIMIT))
        if isinstance(frame, wire.Annotation) and len(text) > wire.ANNOTATION_LIMIT_BYTES:
            return Violation(f"{len(text)} bytes said about a run; the limit is {wire.ANNOTATION_LIMIT_BYTES}")
        return frame
    except ValidationError as error:
        return Violation(f"a frame of the wrong shape: {error.errors(include_input=False)[0]['msg']}")
    except ValueError as error:
        return Violation(f"a frame that is not JSON: {json_text.valid(str(error))[:200]}")


def parse_apart(data: bytes) -> tuple[Frame, float]:
    """The frame, with a Text where it may have any value, and the seconds of CPU it took; for another process."""
    began_s = time.process_time()
    frame = parse(data.decode("utf-8", "replace"))
    try:
        if isinstance(frame, wire.Result):
            frame = frame._replace(value=Text(json_text.dumps(frame.value)))
        elif isinstance(frame, wire.Child):
            frame = frame._replace(input=Text(json_text.dumps(frame.input)))  # type: ignore[arg-type]
    except ValueError as error:
        frame = Violation(f"a frame whose value is over the limits: {error}")
    return frame, time.process_time() - began_s


@contextmanager
def _uncollected() -> Iterator[None]:
    """While a million small values are made none is garbage, and to look for it takes five times as long as to make them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _checked(content: Any) -> Frame:
    given = content.get("type") if isinstance(content, dict) else None
    kind = _OLD_NAMES.get(given, given) if isinstance(given, str) else None
    if kind not in _KINDS:
        return Violation("a frame of no known type")
    fields = _known(content | {"type": kind}, _KINDS[kind])
    if isinstance(fields.get("error"), dict):
        fields["error"] = _known(fields["error"], wire.ErrorInfo)
    frame: wire.OutFrame = _CODECS[kind].validate_python(fields)
    if isinstance(frame, wire.Child) and not 0 <= frame.call < wire.CHILDREN_LIMIT:
        return Violation(f"chained call {frame.call}; there are at most {wire.CHILDREN_LIMIT}")
    return frame


def _known(fields: dict[str, Any], kind: Any) -> dict[str, Any]:
    """The fields this kind has; texts for people valid and cut, which images built earlier did not see to."""
    return {name: _mended(name, value) for name, value in fields.items() if name in kind._fields}


def _mended(name: str, value: Any) -> Any:
    limit_chars = _TEXT_LIMITS_CHARS.get(name)
    return json_text.valid(value)[:limit_chars] if limit_chars and isinstance(value, str) else value
