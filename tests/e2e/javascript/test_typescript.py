"""A repo in TypeScript, neither compiled nor with a start script, whose SDK the registry may not have: ours answers to its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator_sdk import BadRequestError, Client, TaskRunError
from tests.live_instance import LiveInstance
from tests.wait import LIMIT_S

pytestmark = pytest.mark.docker
TYPESCRIPT = Path(__file__).parent / "typescript"


@pytest.fixture(scope="module")
def client(live: LiveInstance) -> Client:
    version = live.deploy(TYPESCRIPT, "typescript")
    assert version["status"] == "ready", version
    return live.client()


def test_its_parameters_are_registered(client: Client) -> None:
    task = next(task for task in client.tasks(workflow="typescript") if task.name == "square")
    assert [(one.name, one.has_default) for one in task.parameters] == [("a", False), ("b", True)]


def test_its_tasks_run_and_chain(client: Client) -> None:
    assert client.run("typescript/sumSquares", [3, 4], timeout_s=LIMIT_S).results == [25]


def test_arguments_may_have_names(client: Client) -> None:
    assert client.run("typescript/square", {"b": 3, "a": 2}, timeout_s=LIMIT_S).results == [8]


def test_a_name_that_no_parameter_has_is_refused_before_there_is_a_run(client: Client) -> None:
    with pytest.raises(BadRequestError, match=r"it has no parameter 'c'; its signature is square\(a, b\?\)"):
        client.start("typescript/square", {"a": 2, "c": 3})
    with pytest.raises(BadRequestError, match=r"an object is given in a list, as \[\{…\}\]"):
        client.start("typescript/refused", {"item": "hats"})


def test_tasks_of_the_later_form_get_their_context(client: Client) -> None:
    assert client.run("typescript/withContext", [5], timeout_s=LIMIT_S).results == [[25, 0, "L"]]


def test_an_error_that_is_not_to_be_tried_again_has_its_type_and_its_place_in_the_source(client: Client) -> None:
    with pytest.raises(TaskRunError, match="no hats left") as caught:
        client.run("typescript/refused", [{"item": "hats"}], timeout_s=LIMIT_S)
    run = client.get(caught.value.run_id)
    assert run.failure is not None
    assert len(run.attempts) == 1
    assert run.failure.type == "NonRetryableError"
    assert "/app/index.ts:24:" in run.failure.traceback


def test_a_rejection_nobody_handles_is_the_runs_error(client: Client) -> None:
    run = client.start("typescript/lost", [])
    with pytest.raises(TaskRunError, match="nobody waits for this"):
        client.result(run.id, timeout_s=120)
