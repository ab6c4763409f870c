"""What a request for a run says."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.api.errors import Refused
from orchestrator.api.requests.submission import Asked, check
from orchestrator.core.runs.submission import RunLimits

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
