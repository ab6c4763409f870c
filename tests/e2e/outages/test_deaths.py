"""However a container dies, or refuses to: its run ends, says why, and leaves nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from orchestrator_sdk import Client, TaskRunError
from tests.live_instance import LiveInstance
from tests.wait import LIMIT_S, until

pytestmark = pytest.mark.docker
DEATHS = Path(__file__).parent / "deaths"


LAST_LINES = {"freezes": "freezing", "spins": "spinning", "hangs_up": "hanging up", "sleeps": "sleeping"}
DEADLINE_S = 15
"""Time enough for five containers to start on a busy host."""


@pytest.fixture(scope="module")
def client(live: LiveInstance) -> Client:
    version = live.deploy(DEATHS, "deaths")
    assert version["status"] == "ready", version
    return live.client()


@pytest.fixture(scope="module", autouse=True)
def overdue(live: LiveInstance, client: Client) -> dict[str, str]:
    """Runs that do not end by themselves, started first: the other tests need not wait for their deadlines."""
    tasks = {"paused": "sleeps", **{task: task for task in LAST_LINES}}
    return {name: start(live, task, deadlineSeconds=DEADLINE_S) for name, task in tasks.items()}


def start(live: LiveInstance, task: str, **limits: int) -> str:
    with live.http() as http:
        return str(http.post("/task-runs", json={"task": f"deaths/{task}", "input": [], **limits}).json()["id"])


def failure(live: LiveInstance, client: Client, run_id: str) -> dict[str, Any]:
    with pytest.raises(TaskRunError):
        client.wait(run_id, timeout_s=LIMIT_S)
    with live.http() as http:
        return dict(http.get(f"/task-runs/{run_id}").json()["failure"])


def container(docker_client: Any, run_id: str) -> str:
    def found() -> list[Any]:
        return list(docker_client.containers(filters={"label": f"orchestrator.run={run_id}"}))

    until(lambda: bool(found()), "the container")
    return str(found()[0]["Id"])


def said(client: Client, run_id: str, line: str) -> None:
    until(lambda: line in [printed.message for printed in client.logs(run_id)], f"the run to print {line!r}")


def task_process(docker_client: Any, container_id: str) -> int:
    """The host's number of the process that runs the task: the child of the container's init."""
    init = int(docker_client.inspect_container(container_id)["State"]["Pid"])
    return int(Path(f"/proc/{init}/task/{init}/children").read_text().split()[0])


def test_a_paused_container_does_not_outlive_its_deadline(
    live: LiveInstance, client: Client, docker_client: Any, overdue: dict[str, str]
) -> None:
    run_id = overdue["paused"]
    said(client, run_id, "sleeping")
    docker_client.pause(container(docker_client, run_id))
    assert failure(live, client, run_id)["class"] == "timeout"


def test_a_process_killed_from_the_host_is_told_by_its_signal(
    live: LiveInstance, client: Client, docker_client: Any
) -> None:
    run_id = start(live, "sleeps")
    said(client, run_id, "sleeping")
    os.kill(task_process(docker_client, container(docker_client, run_id)), signal.SIGKILL)
    found = failure(live, client, run_id)
    assert found["class"] == "exit"
    assert "SIGKILL" in found["message"]


def test_a_parent_hears_of_its_childs_death(live: LiveInstance, client: Client, docker_client: Any) -> None:
    run_id = start(live, "hears_of_its_childs_death")

    def children() -> list[str]:
        with live.http() as http:
            listed = http.get("/task-runs", params={"rootTaskRunId": run_id}).json()
        return [run["taskRun"]["id"] for run in listed if run["taskRun"]["parentTaskRunId"] == run_id]

    until(lambda: bool(children()), "the child")
    child = children()[0]
    said(client, child, "sleeping")
    docker_client.kill(container(docker_client, child), "SIGKILL")
    assert "killed by SIGKILL" in client.wait(run_id, timeout_s=LIMIT_S).results[0]


@pytest.mark.parametrize(("task", "line"), LAST_LINES.items())
def test_no_task_outlives_its_deadline_whatever_it_does(
    live: LiveInstance, client: Client, docker_client: Any, overdue: dict[str, str], task: str, line: str
) -> None:
    run_id = overdue[task]
    found = failure(live, client, run_id)
    assert found["class"] == "timeout"
    assert f"deadline of {DEADLINE_S} seconds" in found["message"]
    assert line in [printed.message for printed in client.logs(run_id)]
    filters = {"label": f"orchestrator.run={run_id}"}
    until(lambda: not docker_client.containers(all=True, filters=filters), "the container to be gone")
