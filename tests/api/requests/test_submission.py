"""What a request for a run says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.api.requests import parsing
from orchestrator.api.requests.refused import Refused
from orchestrator.api.requests.submission import BODY_LIMIT_BYTES, Asked, asked_in, check, why_not
from orchestrator.core.runs.retry import DEFAULT_RETRY
from orchestrator.core.runs.submission import RunLimits
from orchestrator.core.tasks import TaskSpec
from orchestrator.telemetry.loop_watch import LIMIT_S
from orchestrator_runtime.wire import INPUT_LIMIT_BYTES
from tests.rounds import longest_round_s

TASK = TaskSpec("tsk-1", "add", "starter", 60, DEFAULT_RETRY, ())
BODY = {"task": "maths/square", "input": [2]}


def test_a_request_needs_a_task_and_an_input() -> None:
    assert check(BODY) == Asked("maths/square", "[2]", "", RunLimits())


def test_the_wait_for_capacity_is_the_instances_where_the_request_does_not_say() -> None:
    assert check(BODY, 60).limits == RunLimits(60)
    assert check({**BODY, "queueTimeoutSeconds": 5}, 60).limits == RunLimits(5)


@pytest.mark.parametrize("wrong", [{"task": ""}, {"input": 3}, {"idempotencyKey": ""}, {"deadlineSeconds": 0}])
def test_each_field_is_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        check({**BODY, **wrong})


async def test_a_body_that_cannot_be_within_the_limits_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parsing, "computed", None)
    many = b'{"task":"maths/square","input":[' + b"{}," * (BODY_LIMIT_BYTES // 3 - 20) + b"{}]}"
    with pytest.raises(Refused, match="more than the limit"):
        await asked_in(many, None)


@pytest.mark.parametrize(
    "input_json",
    [b"[" + b"[]," * 1_300_000 + b"[]]", b'["' + b"x" * 4_000_000 + b'"]', b'["' + b"\\u0041" * 2_000_000 + b'"]'],
)
async def test_a_large_input_keeps_nobody_waiting(input_json: bytes) -> None:
    await asked_in(b'{"task":"maths/square","input":["' + b"x" * 200_000 + b'"]}', None)  # a process is started once
    length = len(json.dumps(json.loads(input_json), separators=(",", ":")))

    async def ask() -> None:
        asked = await asked_in(b'{"task":"maths/square","input":' + input_json + b"}", None)
        assert await why_not(TASK, asked) is None
        assert len(asked.input_json) == length <= INPUT_LIMIT_BYTES

    assert await longest_round_s(ask, LIMIT_S) < LIMIT_S
