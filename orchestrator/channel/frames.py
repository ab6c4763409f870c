"""Frames from a container, checked: everything that arrives from there is untrusted."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from orchestrator_runtime import json_text, wire

Text = Annotated[str, BeforeValidator(lambda given: json_text.valid(given) if isinstance(given, str) else given)]
"""A text for people: images built earlier also sent what is no Unicode."""


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Ready(_Frame):
    """The user's code is loaded."""

    type: Literal["ready"]
    protocol: int
    load_ms: float


class Tasks(_Frame):
    """What register mode found; `core.tasks.check` looks inside."""

    type: Literal["tasks"]
    tasks: list[Any]


class Child(_Frame):
    """The task asks for a chained run."""

    type: Literal["child"]
    call: Annotated[int, Field(ge=0, lt=wire.CHILDREN_LIMIT)]
    task: Annotated[Text, Field(max_length=256)]
    input: list[Any] | dict[str, Any]
    confirm: bool = False


class Progress(_Frame):
    """The task waits for chained runs, or works again."""

    type: Literal["progress"]
    waiting: bool


class Result(_Frame):
    """The task returned."""

    type: Literal["result"]
    value: Any


class ErrorInfo(_Frame):
    """The exception; texts are cut to their limits by the shim, and again by `core`."""

    kind: Literal["task", "load", "result"]
    type: Annotated[Text, Field(max_length=1024)]
    message: Annotated[Text, Field(max_length=wire.MESSAGE_LIMIT_CHARS)]
    traceback: Annotated[Text, Field(max_length=wire.TRACEBACK_LIMIT_CHARS)]
    retryable: bool


class Error(_Frame):
    """The task, or loading its module, failed."""

    type: Literal["error"]
    error: ErrorInfo


class Violation(_Frame):
    """The container broke the protocol: tampering, or a shim of another version."""

    type: Literal["violation"] = "violation"
    reason: str


Frame = Ready | Tasks | Child | Progress | Result | Error | Violation

_CODEC: Final[TypeAdapter[Frame]] = TypeAdapter(
    Annotated[Ready | Tasks | Child | Progress | Result | Error, Field(discriminator="type")]
)


def parse(text: str | None) -> Frame:
    """The frame in a stream entry; a Violation when it is none."""
    if text is None:
        return Violation(reason="an entry without a frame")
    if len(text) > wire.FRAME_LIMIT_BYTES:
        return Violation(reason=f"a frame of {len(text)} bytes; the limit is {wire.FRAME_LIMIT_BYTES}")
    try:
        return _CODEC.validate_python(json_text.loads(text, levels=wire.FRAME_NESTING_LIMIT))
    except ValidationError as error:
        return Violation(reason=f"a frame of the wrong shape: {error.errors(include_input=False)[0]['msg']}")
    except ValueError as error:
        return Violation(reason=f"a frame that is not JSON: {str(error)[:200]}")
