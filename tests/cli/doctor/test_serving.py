from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.doctor.checks import Check, Verdict
from orchestrator.cli.doctor.machine import Answer
from orchestrator.cli.doctor.serving import examine
from orchestrator.cli.instance.instance import Instance
from tests.cli.support.documents import WORKFLOW, version
from tests.cli.support.fake_host import FakeHost
from tests.cli.support.fake_orchestrator import FakeOrchestrator


@pytest.fixture
def instance(fake: FakeOrchestrator, tmp_path: Path) -> Iterator[Instance]:
    """An orchestrator that serves, with two versions of one workflow."""
    data_dir = DataDir(tmp_path / "data")
    with data_dir.locked(), data_dir.announced(fake.url):
        yield Instance(data_dir)


def found(instance: Instance, host: FakeHost) -> dict[str, Check]:
    return {check.name: check for check in examine(instance, host)}


def serve(fake: FakeOrchestrator) -> None:
    fake.list("/workflows", "workflow", WORKFLOW)
    old, new = version(id="wfv-1", image="sha256:old"), version(id="wfv-2", image="sha256:new")
    fake.list("/workflowversions", "workflowVersion", version("building", id="wfv-3"), new, old)


def test_where_none_runs_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert found(Instance(DataDir(tmp_path)), FakeHost()) == {}


def test_images_that_are_there_are_well(instance: Instance, fake: FakeOrchestrator) -> None:
    serve(fake)
    host = FakeHost()
    assert {check.verdict for check in found(instance, host).values()} == {Verdict.OK}
    assert host.asked[-1][-1] == "sha256:new"


def test_an_image_that_something_else_removed_is_named_by_its_workflow(
    instance: Instance, fake: FakeOrchestrator
) -> None:
    serve(fake)
    host = FakeHost()
    host.base_image = Answer(1, "[]\nError: No such image: sha256:new")
    images = found(instance, host)["images"]
    assert (images.verdict, images.message) == (Verdict.FAIL, "gone, removed by something else: that of quickstart")
    assert images.fix.startswith("orchestrator deploy FOLDER --name quickstart --data-dir ")


def test_an_engine_that_is_silent_proves_no_image_gone(instance: Instance, fake: FakeOrchestrator) -> None:
    serve(fake)
    host = FakeHost()
    host.base_image = Answer(1, "Cannot connect to the Docker daemon")
    assert found(instance, host)["images"].verdict is Verdict.OK


def test_one_that_runs_and_does_not_answer_is_to_be_restarted(instance: Instance, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflows", {"message": "the store does not answer"}, status=503)
    (check,) = examine(instance, FakeHost())
    assert (check.verdict, check.message) == (Verdict.FAIL, "it runs, and the store does not answer")
    assert check.fix == (
        f"orchestrator down --data-dir {instance.data_dir.path}; "
        f"orchestrator up --detach --data-dir {instance.data_dir.path}"
    )
