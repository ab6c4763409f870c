"""What a request for a run says, checked by hand: it is the busiest one."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, NamedTuple

from orchestrator.api.requests.parsing import is_text, least_bytes, parse_object, understood
from orchestrator.api.requests.refused import bad_request, too_large
from orchestrator.core.runs.annotations import NOTHING_SAID, Annotations, wrong_metadata, wrong_tags
from orchestrator.core.runs.submission import RunLimits
from orchestrator.core.task_input.arguments import refusal
from orchestrator.core.tasks import TaskSpec
from orchestrator.host.apart import is_quick
from orchestrator_runtime import json_text
from orchestrator_runtime.wire import INPUT_LIMIT_BYTES

_REST_BYTES: Final = 64 * 1024
"""Of a body, beside the input."""
BODY_LIMIT_BYTES: Final = 3 * INPUT_LIMIT_BYTES + _REST_BYTES
"""An input may arrive with every character escaped, which makes it up to three times as long."""
REPLAYED: Final = {"Idempotent-Replayed": "true"}
_TASK_LIMIT_CHARS: Final = 512
_KEY_LIMIT_CHARS: Final = 256
_DURATION_LIMIT_S: Final = 366 * 24 * 3600


class Asked(NamedTuple):
    """A checked request; `idempotency_key` is empty when there is none, `given` is the input where it is not large."""

    task: str
    input_json: str
    idempotency_key: str
    limits: RunLimits
    annotations: Annotations = NOTHING_SAID
    given: list[Any] | dict[str, Any] | None = None


async def asked_in(body: bytes, queue_ttl_s: int | None) -> Asked:
    """The request in a body; of one that no spaces and escapes make so long nothing is read. Raises Refused."""
    check_size(body)
    await asyncio.sleep(0)  # of a large body each step takes its time
    return await understood(_asked, body, queue_ttl_s)


def check_size(body: bytes) -> None:
    """Refuse what cannot have an input within its limit, whatever it says."""
    if len(body) <= INPUT_LIMIT_BYTES:
        return
    if (size_bytes := least_bytes(body)) > INPUT_LIMIT_BYTES + _REST_BYTES:
        raise too_large("the body, without spaces and escapes,", size_bytes, INPUT_LIMIT_BYTES + _REST_BYTES)


def _asked(body: bytes, queue_ttl_s: int | None) -> Asked:
    content = parse_object(body)
    asked = check(content, queue_ttl_s)
    return asked._replace(given=content["input"]) if is_quick(asked.input_json) else asked


async def why_not(task: TaskSpec, asked: Asked) -> str | None:
    """What is wrong with the input for the task, None when it may take it."""
    if asked.given is not None:
        return refusal(task, asked.given, asked.input_json)
    return await understood(_refusal, asked.input_json.encode(), task)


def _refusal(input_json: bytes, task: TaskSpec) -> str | None:
    return refusal(task, json_text.loads(input_json), input_json.decode())


def check(content: dict[str, Any], queue_ttl_s: int | None = None) -> Asked:
    """The request in the body; `queue_ttl_s` where it does not say. Raises Refused."""
    return Asked(
        _task(content.get("task")),
        checked_input(content),
        checked_key(content.get("idempotencyKey")),
        RunLimits(_seconds(content, "queueTimeoutSeconds") or queue_ttl_s, _seconds(content, "deadlineSeconds")),
        _annotations(content.get("tags"), content.get("metadata")),
    )


def _annotations(tags: object, metadata: object) -> Annotations:
    if tags is None and metadata is None:
        return NOTHING_SAID
    tags, metadata = [] if tags is None else tags, {} if metadata is None else metadata
    if wrong := wrong_tags(tags) or wrong_metadata(metadata):
        raise bad_request(wrong)
    assert isinstance(tags, list)
    assert isinstance(metadata, dict)
    return Annotations(tuple(dict.fromkeys(tags)), metadata)


def _task(task: object) -> str:
    if not isinstance(task, str) or not task or len(task) > _TASK_LIMIT_CHARS or not is_text(task):
        raise bad_request("task must be text: workflow/task, such as quickstart/calculate_square, or a task's id")
    return task


def checked_input(content: dict[str, Any]) -> str:
    """The body's input, as JSON text. Raises Refused."""
    given = content.get("input")
    if not isinstance(given, list | dict):
        what = f"is {json.dumps(given)[:50]}" if "input" in content else "is missing"
        raise bad_request(f"input {what}: give a list or an object of the task's arguments, [] for none")
    try:
        data = json_text.encode(given)
    except ValueError as error:
        raise bad_request(f"input cannot be kept: {error}") from None
    if len(data) > INPUT_LIMIT_BYTES:
        raise too_large("input", len(data), INPUT_LIMIT_BYTES)
    return data.decode()


def _seconds(content: dict[str, Any], name: str) -> int | None:
    given = content.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= _DURATION_LIMIT_S:
        raise bad_request(f"{name} must be a whole number of seconds from 1 to {_DURATION_LIMIT_S} (a year)")
    return given


def checked_key(key: object) -> str:
    """The idempotency key, empty when there is none. Raises Refused."""
    if key is None:
        return ""
    if not isinstance(key, str) or not 0 < len(key) <= _KEY_LIMIT_CHARS or not is_text(key):
        raise bad_request(f"idempotencyKey must be text of 1 to {_KEY_LIMIT_CHARS} characters")
    return key
