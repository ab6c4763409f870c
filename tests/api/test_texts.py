"""Text that JSON can spell and UTF-8 cannot, in every field of every body."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from orchestrator.core.workflow import Version
from tests.api.routes.deploying.test_deploys import ARCHIVE
from tests.api.routes.test_workflow_changes import WORKFLOW

HALF = "x\ud800"
BODIES: list[tuple[str, str, Any]] = [
    ("POST", "/v1/workflows", WORKFLOW),
    ("PATCH", "/v1/workflows/maths", {"name": "n", "runCommand": "r", "buildConfig": WORKFLOW["buildConfig"]}),
    ("POST", "/v1/workflowversions", {"workflowId": "maths"}),
    ("POST", "/v1/deploys", {"name": "n", "archive": ARCHIVE, "source": "s", "startCommand": "c", "env": {"A": "1"}}),
    ("POST", "/v1/deploys", {"name": "n", "repo": "https://localhost/r.git", "branch": "b", "commit": "1" * 40}),
    ("PUT", "/v1/services/maths/env-vars", [{"key": "A", "value": "1"}]),
    ("PUT", "/v1/services/maths/env-vars/A", {"value": "1"}),
    ("POST", "/v1/task-runs", {"task": "maths/square", "input": [], "idempotencyKey": "k"}),
]


def spoiled(body: Any) -> Iterator[Any]:
    """The body with one text after the other, names included, ending in half a character."""
    for place, value in body.items() if isinstance(body, dict) else enumerate(body):
        changes: Iterator[Any] = iter([HALF]) if isinstance(value, str) else iter(())
        changes = spoiled(value) if isinstance(value, dict | list) else changes
        for changed in changes:
            whole = copy.deepcopy(body)
            whole[place] = changed
            yield whole


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
async def test_half_a_character_is_refused_wherever_it_is(
    api: httpx.AsyncClient, maths: Version, method: str, path: str, body: Any
) -> None:
    bodies = list(spoiled(body))
    assert bodies
    for one in bodies:
        headers = {"Content-Type": "application/json"}
        answer = await api.request(method, path, content=json.dumps(one), headers=headers)
        assert answer.status_code in (400, 404), one
    assert (await api.get("/v1/workflows")).status_code == 200
