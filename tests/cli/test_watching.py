from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from orchestrator.cli import watching
from orchestrator.cli.connection import Connection
from orchestrator.cli.errors import CliError
from orchestrator.cli.run_tree import Node
from orchestrator_sdk.client.address import Address
from tests.cli.documents import run
from tests.cli.fake_orchestrator import FakeOrchestrator


@pytest.fixture
def api(fake: FakeOrchestrator) -> Iterator[Connection]:
    with Connection(Address(fake.url, "")) as connection:
        yield connection


def ignore(_: Sequence[Node]) -> None:
    """Show nothing."""


def test_an_outage_is_waited_out(api: Connection, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1", run(status="running"))
    fake.answer("GET /task-runs/trn-1", {"message": "starting"}, status=503)
    fake.answer("GET /task-runs/trn-1", run())
    fake.list("/task-runs", "taskRun", run())
    assert watching.until_over(api, ["trn-1"], ignore)[0].run["status"] == "completed"


def test_an_outage_too_long_is_an_error(
    api: Connection, fake: FakeOrchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_OUTAGE_S", 0.1)
    fake.answer("GET /task-runs/trn-1", {"message": "starting"}, status=503)
    with pytest.raises(CliError, match="starting"):
        watching.until_over(api, ["trn-1"], ignore)


def test_runs_that_are_over_are_not_asked_for_again(api: Connection, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1", run())
    fake.answer("GET /task-runs/trn-2", run("trn-2", "running"), run("trn-2"))
    fake.list("/task-runs", "taskRun")
    watching.until_over(api, ["trn-1", "trn-2"], ignore)
    assert [asked.path for asked in fake.asked].count("/v1/task-runs/trn-1") == 1
