"""The channel's contract, imported by both ends: names, frames, limits and exit codes.

A container talks to the orchestrator through two Redis streams, each entry holding one JSON frame in the field ``f``:

    out (container → orchestrator)              in (orchestrator → container)
    ready      user code loaded                 assign      the attempt's one task
    child      start a chained run              child_done  a chained run ended
    waiting    for children, or not any more    ack         the outcome is recorded: exit
    annotate   what it says about its run
    result     the task returned
    error      the task, or loading it, failed
    tasks      what register mode found             child_started  a chained run has an id, where that was asked for

Frames out are tuples, for the orchestrator checks what a container says and works with it field by field. Frames in are
dictionaries: the shim trusts them, and one built earlier passes over what it does not know. Images built earlier also say
``progress`` for ``waiting``, and ``factor`` for ``backoff_scaling``.

Every frame is safe to repeat: the shim sends again whatever it has no answer to after each reconnect, and both ends
ignore what they already know (a child by its ``call`` number, an assignment or outcome by being the only one of its
container). A stop is not a frame: it is SIGTERM, a grace period, and SIGKILL.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, TypedDict

from orchestrator_runtime.names import APP_DIR as APP_DIR
from orchestrator_runtime.names import CHANNEL_DIR as CHANNEL_DIR
from orchestrator_runtime.names import CHANNEL_SOCKET as CHANNEL_SOCKET
from orchestrator_runtime.names import ENV_CHANNEL_PASSWORD as ENV_CHANNEL_PASSWORD
from orchestrator_runtime.names import ENV_CHANNEL_URL as ENV_CHANNEL_URL
from orchestrator_runtime.names import ENV_CHANNEL_USER as ENV_CHANNEL_USER
from orchestrator_runtime.names import ENV_ENTRY_POINT as ENV_ENTRY_POINT
from orchestrator_runtime.names import ENV_MODE as ENV_MODE
from orchestrator_runtime.names import ENV_STREAM_IN as ENV_STREAM_IN
from orchestrator_runtime.names import ENV_STREAM_OUT as ENV_STREAM_OUT
from orchestrator_runtime.names import ENV_TRACEPARENT as ENV_TRACEPARENT
from orchestrator_runtime.names import ENV_WORKER_MODE as ENV_WORKER_MODE
from orchestrator_runtime.names import ENV_WORKER_SOCKET as ENV_WORKER_SOCKET
from orchestrator_runtime.names import EXIT_BAD_ENVIRONMENT as EXIT_BAD_ENVIRONMENT
from orchestrator_runtime.names import HOME_DIR as HOME_DIR
from orchestrator_runtime.names import SHIM_COMMAND as SHIM_COMMAND
from orchestrator_runtime.names import VENV_DIR as VENV_DIR

PROTOCOL_VERSION: Final = 1

Mode = Literal["run", "register"]

# --- limits ---

INPUT_LIMIT_BYTES: Final = 4 * 1024 * 1024
"""Of one run's input as JSON text; the public limit of the hosted service."""
RESULT_LIMIT_BYTES: Final = 4 * 1024 * 1024
FRAME_LIMIT_BYTES: Final = 5 * 1024 * 1024
"""A result or input at its limit plus its envelope."""
NESTING_LIMIT: Final = 500
"""Levels of arrays and objects in one input or result. Parsers give up somewhere below 1,000, some of them by crashing."""
FRAME_NESTING_LIMIT: Final = NESTING_LIMIT + 1
NUMBER_LIMIT_DIGITS: Final = 4_300
"""Of one whole number: what Python reads by default (`sys.int_info.default_max_str_digits`)."""
TYPE_LIMIT_CHARS: Final = 1024
TRACEBACK_LIMIT_CHARS: Final = 32 * 1024
MESSAGE_LIMIT_CHARS: Final = 8 * 1024
TASKS_LIMIT: Final = 500
CHILDREN_LIMIT: Final = 10_000
"""Chained runs one attempt may start."""

TAGS_LIMIT: Final = 10
"""Of one run."""
TAG_LIMIT_CHARS: Final = 64
METADATA_KEYS_LIMIT: Final = 32
METADATA_KEY_LIMIT_CHARS: Final = 64
METADATA_LIMIT_BYTES: Final = 4 * 1024
"""Of one run's metadata as JSON text."""
PROGRESS_LIMIT_CHARS: Final = 200
"""Of the message beside a fraction."""
ANNOTATION_LIMIT_BYTES: Final = 64 * 1024
"""Of a frame with all of these."""

FRAME_FIELD: Final = "f"

# --- exit codes of the shim, above the range shells and signals use ---

EXIT_OK: Final = 0
EXIT_TASK_FAILED: Final = 1
EXIT_CHANNEL_LOST: Final = 121
"""The channel could not be reached for longer than the attempt may live."""
EXIT_HEAP_FULL: Final = 123
"""A program of Node's aborted because V8's heap had reached its limit."""

# --- frames ---


class RetryOptions(TypedDict, total=False):
    max_retries: int
    wait_duration_ms: int
    backoff_scaling: float


WarmMode = Literal["imported", "off"]
"""Whether containers wait for a task's runs with its code imported."""


class TaskOptions(TypedDict, total=False):
    """Only what the user said; defaults are the orchestrator's."""

    plan: str
    timeout_seconds: int
    retry: RetryOptions
    warm: WarmMode
    warm_min: int
    network: str | list[str]


ParameterKind = Literal["positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword"]


class Parameter(TypedDict, total=False):
    """``type``, ``schema`` (JSON Schema) and ``default_value`` (JSON text) are absent where unknown.

    ``kind``, as Python's inspect module has them, is absent where calls need not bind to the parameters. ``is_checked``
    says that the task would refuse, at every attempt, whatever its schema refuses.
    """

    name: str
    kind: ParameterKind
    has_default: bool
    schema: dict[str, object]
    is_checked: bool
    type: str
    default_value: str


class _TaskDefinition(TypedDict):
    name: str
    options: TaskOptions
    parameters: list[Parameter]


class TaskDefinition(_TaskDefinition, total=False):
    """``signature``, for people, is there when every call must bind to the parameters and their kinds.

    With ``is_open`` it may have fewer arguments, and more by position, as JavaScript's may: only names are held to it.
    """

    signature: str
    is_open: bool


class Ready(NamedTuple):
    """The user's code is loaded; ``load_ms`` is the time from process start until then."""

    protocol: int
    load_ms: float
    type: Literal["ready"] = "ready"


class Tasks(NamedTuple):
    """What register mode found: ``TaskDefinition``s, where our SDK made them."""

    tasks: list[Any]
    type: Literal["tasks"] = "tasks"


class Child(NamedTuple):
    """The task asks for a chained run.

    ``call`` counts this attempt's chained calls from 0; ``input`` is a list (positional) or an object (keywords).
    With ``confirm`` the answer is a ``child_started`` before any ``child_done``, but for a refusal.
    """

    call: int
    task: str
    input: list[Any] | dict[str, Any]
    confirm: bool = False
    type: Literal["child"] = "child"


class Waiting(NamedTuple):
    """The task waits for chained runs, or works again: it changes what the attempt holds."""

    waiting: bool
    type: Literal["waiting"] = "waiting"


class Result(NamedTuple):
    """``value`` is exactly what the task returned, as JSON; ``is_boxed``: it is a list that the SDK put around that, or nothing.

    ``worked_ms``, here and in an error, is the time since user code was given the assignment; images built earlier do not say it.
    """

    value: Any
    worked_ms: float | None = None
    is_boxed: bool = False
    type: Literal["result"] = "result"


class ErrorInfo(NamedTuple):
    """An exception as data. ``retryable`` is false for NonRetryableError; ``kind`` tells loading from running.

    ``child`` is the id of the chained run whose failure the task did not handle; images built earlier do not say it.
    """

    kind: Literal["task", "load", "result"]
    type: str
    message: str
    traceback: str
    retryable: bool
    child: str = ""


class Error(NamedTuple):
    """The task, or loading its module, failed."""

    error: ErrorInfo
    worked_ms: float | None = None
    type: Literal["error"] = "error"


class Annotation(NamedTuple):
    """All that the task has said about its run so far: the newest frame counts, and none is answered.

    ``tags`` are added to those of the run, ``metadata`` is set in it (null takes a key away); ``fraction``, from 0 to 1, and
    ``message`` are its progress.
    """

    tags: list[str]
    metadata: dict[str, Any]
    fraction: float | None = None
    message: str | None = None
    type: Literal["annotate"] = "annotate"


OutFrame = Ready | Tasks | Child | Waiting | Annotation | Result | Error


class Assign(TypedDict):
    """``attempt`` counts from 0; ``parent_run_id`` is null for a root run; ``timeout_s`` counts from here.

    ``traceparent`` is the span that user code works in (W3C Trace Context), null where there is no trace.
    """

    type: Literal["assign"]
    run_id: str
    root_run_id: str
    parent_run_id: str | None
    attempt: int
    timeout_s: int
    task: str
    traceparent: str | None
    input: list[object] | dict[str, object]


class ChildStarted(TypedDict):
    """``child`` is the chained run's id."""

    type: Literal["child_started"]
    call: int
    child: str


class ChildDone(TypedDict, total=False):
    """``value`` when the child completed, else ``error``; ``child`` is the chained run's id."""

    type: Literal["child_done"]
    call: int
    child: str
    value: object
    error: ChildError


REFUSED_TASK: Final = "UnknownTask"
REFUSED_INPUT: Final = "InputTooLarge"
REFUSED_ARGUMENTS: Final = "WrongArguments"
REFUSED_DEPTH: Final = "TooDeep"
REFUSED_PARENT: Final = "ParentStopping"
REFUSED_SHARE: Final = "TreeTooLarge"
"""The ``type`` of a child's error whose ``status`` is refused."""


class ChildError(TypedDict):
    status: Literal["failed", "canceled", "refused"]
    type: str
    message: str


class Ack(TypedDict):
    type: Literal["ack"]
