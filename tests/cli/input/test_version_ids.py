from __future__ import annotations

import pytest

from orchestrator.cli.errors import CliError
from orchestrator.cli.input import version_ids
from orchestrator_sdk.client import Client
from tests.cli.support.documents import WORKFLOW, version
from tests.cli.support.fake_orchestrator import FakeOrchestrator


@pytest.fixture
def api(fake: FakeOrchestrator) -> Client:
    return Client(url=fake.url, api_key="x")


def test_an_id_is_asked_for_as_it_is(api: Client, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflowversions/wfv-1", version())
    assert version_ids.find(api, "wfv-1").name == "v1"


def test_a_name_is_looked_for_among_its_workflow_s(api: Client, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflows/quickstart", WORKFLOW)
    fake.list("/workflowversions", "workflowVersion", version(id="wfv-2", name="v2"), version())
    assert version_ids.find(api, "quickstart/v2").id == "wfv-2"
    with pytest.raises(CliError, match="it has: v2, v1"):
        version_ids.find(api, "quickstart/v3")
