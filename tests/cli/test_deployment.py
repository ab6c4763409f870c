from __future__ import annotations

from collections.abc import Iterator

import pytest

from orchestrator.cli import deployment
from orchestrator_sdk import Client, ServerError
from orchestrator_sdk.client.models import Deploy
from tests.cli.support.documents import TASK, WORKFLOW, log_stream, version
from tests.cli.support.fake_orchestrator import FakeOrchestrator

ACCEPTED = Deploy.parse({"workflow": WORKFLOW, "workflowVersion": version("created")})


@pytest.fixture
def api(fake: FakeOrchestrator) -> Iterator[Client]:
    with Client(url=fake.url, api_key="orc_key") as client:
        yield client


@pytest.fixture
def printing(fake: FakeOrchestrator) -> FakeOrchestrator:
    """A build that has printed all it prints."""
    fake.answer("GET /workflowversions/wfv-1/logs", log_stream("step 1", "step 2"))
    return fake


def test_a_version_is_followed_until_it_is_ready_with_its_tasks(api: Client, printing: FakeOrchestrator) -> None:
    printing.answer("GET /workflowversions/wfv-1", version("registering"), version())
    printing.list("/tasks", "task", TASK)
    shown: list[str] = []
    deployed = deployment.follow(api, ACCEPTED, shown.append)
    assert (deployed.is_ready, [task.raw for task in deployed.tasks]) == (True, [TASK])
    assert shown == ["step 1", "step 2"]


def test_one_that_failed_has_no_tasks_to_ask_for(api: Client, printing: FakeOrchestrator) -> None:
    printing.answer("GET /workflowversions/wfv-1", version("build_failed", error="no space"))
    deployed = deployment.follow(api, ACCEPTED, lambda _: None)
    assert (deployed.is_ready, deployed.version.error, deployed.tasks) == (False, "no space", [])


def test_an_outage_is_waited_out(api: Client, printing: FakeOrchestrator) -> None:
    printing.answer("GET /workflowversions/wfv-1", version("building"))
    printing.answer("GET /workflowversions/wfv-1", {"message": "starting"}, status=503)
    printing.answer("GET /workflowversions/wfv-1", version())
    printing.list("/tasks", "task", TASK)
    assert deployment.follow(api, ACCEPTED, lambda _: None).is_ready


def test_an_outage_too_long_is_an_error(
    api: Client, printing: FakeOrchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment, "OUTAGE_S", 0.1)
    printing.answer("GET /workflowversions/wfv-1", {"message": "starting"}, status=503)
    with pytest.raises(ServerError, match="starting"):
        deployment.follow(api, ACCEPTED, lambda _: None)
