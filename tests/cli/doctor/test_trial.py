from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.app.settings import Settings
from orchestrator.cli.doctor import trial
from orchestrator.cli.doctor.checks import Check, Verdict
from orchestrator.cli.instance.instance import Instance
from tests.cli.support.documents import TASK, WORKFLOW, log_stream, run, version
from tests.cli.support.fake_host import FakeHost
from tests.cli.support.fake_orchestrator import FakeOrchestrator

_NO_BRIDGE = "building the image failed:\ncould not find bridge docker0\nhint: sudo systemctl restart docker"


@pytest.fixture
def instance(fake: FakeOrchestrator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """An orchestrator that serves, and deploys what doctor tries."""
    monkeypatch.setattr("secrets.token_hex", lambda _: "1")
    fake.answer("POST /deploys", {"workflow": WORKFLOW, "workflowVersion": version("created")}, status=202)
    fake.answer("GET /workflowversions/wfv-1/logs", log_stream("installing"))
    fake.list("/tasks", "task", TASK)
    fake.answer("POST /task-runs", run(status="pending"), status=202)
    fake.list("/task-runs", "taskRun")
    fake.answer("GET /workflows/doctor-1", WORKFLOW)
    fake.list("/workflowversions", "workflowVersion", version(image="sha256:tried"))
    fake.answer("DELETE /workflows/doctor-1", None, status=204)
    data_dir = DataDir(tmp_path / "data")
    with data_dir.locked(), data_dir.announced(fake.url):
        yield Instance(data_dir)


def examine(instance: Instance, host: FakeHost, network: str | None = None) -> list[Check]:
    return list(trial.examine(instance, Settings(data_dir=instance.data_dir.path, network=network), host))


def verdicts(checks: list[Check]) -> list[tuple[str, Verdict]]:
    return [(check.name.removeprefix("trial: "), check.verdict) for check in checks]


def test_a_build_and_a_run_are_tried_and_nothing_of_them_stays(instance: Instance, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflowversions/wfv-1", version())
    fake.answer("GET /task-runs/trn-1", run(results=[True]))
    host = FakeHost()
    assert verdicts(examine(instance, host)) == [(step, Verdict.OK) for step in ("start", "build", "run", "packages")]
    assert [asked.path for asked in fake.asked if asked.method == "DELETE"] == ["/v1/workflows/doctor-1"]
    assert host.asked == [("docker", "image", "rm", "--force", "sha256:tried")]


def test_a_build_that_fails_ends_it_with_what_mends_the_host(instance: Instance, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflowversions/wfv-1", version("build_failed", error=_NO_BRIDGE))
    host = FakeHost()
    checks = examine(instance, host)
    assert verdicts(checks) == [("start", Verdict.OK), ("build", Verdict.FAIL)]
    assert checks[-1].message.endswith("could not find bridge docker0")
    assert "systemctl restart docker" in checks[-1].fix
    assert host.asked, "the image of the failed version stays"


def test_a_run_that_fails_ends_it(instance: Instance, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflowversions/wfv-1", version())
    fake.answer("GET /task-runs/trn-1", run(status="failed", error="network no-such not found"))
    checks = examine(instance, FakeHost())
    assert verdicts(checks)[-1] == ("run", Verdict.FAIL)
    assert "ORCHESTRATOR_NETWORK" in checks[-1].fix


def test_a_run_without_a_way_out_is_a_fault_unless_that_was_asked_for(
    instance: Instance, fake: FakeOrchestrator
) -> None:
    fake.answer("GET /workflowversions/wfv-1", version())
    fake.answer("GET /task-runs/trn-1", run(results=[False]))
    assert verdicts(examine(instance, FakeHost()))[-1] == ("run", Verdict.FAIL)
    assert verdicts(examine(instance, FakeHost(), network="none"))[-1] == ("packages", Verdict.OK)


def test_redis_servers_of_one_s_own_are_tried_only_with_a_running_orchestrator(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, store_url="redis://127.0.0.1:1")
    (check,) = trial.examine(Instance(DataDir(tmp_path)), settings, FakeHost())
    assert (check.verdict, check.fix) == (Verdict.FAIL, "orchestrator up --detach")
