"""A program in another language: Node in its image, packages from its lock or manifest, and the worker protocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator_sdk import Client, TaskRunError
from tests.live_instance import LiveInstance
from tests.wait import LIMIT_S

pytestmark = pytest.mark.docker
NODE = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def client(live: LiveInstance) -> Client:
    version = live.deploy(NODE, "node")
    assert version["status"] == "ready", version
    assert set(version["tasks"]) == {"square", "sum_squares", "fails", "forgets", "hoards", "uploads"}
    return live.client()


def test_its_tasks_run_and_chain(client: Client) -> None:
    assert client.run("node/sum_squares", [3, 4], timeout_s=LIMIT_S).results == [25]


def test_its_errors_are_the_runs(client: Client) -> None:
    with pytest.raises(TaskRunError, match="boom"):
        client.run("node/fails", [], timeout_s=LIMIT_S)


def test_what_nobody_catches_is_the_runs_error(client: Client) -> None:
    with pytest.raises(TaskRunError, match="RangeError: nobody waits for this"):
        client.run("node/forgets", [], timeout_s=LIMIT_S)


def test_a_full_heap_is_out_of_memory_with_advice(client: Client) -> None:
    with pytest.raises(TaskRunError, match=r"JavaScript's heap was full.*it may take 384 MiB.*plan='standard'"):
        client.run("node/hoards", [], timeout_s=LIMIT_S)


def test_a_line_that_it_writes_over_is_seen_before_it_ends(client: Client) -> None:
    run = client.start("node/uploads", [5])
    lines = list(client.logs(run.id, follow=True, live=True))
    begun = {line.message for line in lines if line.message and line.is_begun}
    assert len(begun) > 3
    assert all(message.endswith(" of many") or message == "all of them" for message in begun)
    assert [line.message for line in lines if not line.is_begun] == ["all of them"]
