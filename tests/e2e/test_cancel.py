"""Cancels in real containers: while they start, while they are frozen, and while the orchestrator is killed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from orchestrator.core.container.spec import LABEL_RUN
from orchestrator_sdk import Client
from tests.live_instance import LiveInstance
from tests.wait import until

pytestmark = pytest.mark.docker


def containers(docker_client: Any, run_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = docker_client.containers(all=True, filters={"label": f"{LABEL_RUN}={run_id}"})
    return found


def until_status(client: Client, run_id: str, status: str) -> None:
    until(lambda: client.get(run_id).status.value == status, f"run {run_id} to be {status}")


def until_gone(docker_client: Any, run_id: str) -> None:
    until(lambda: not containers(docker_client, run_id), "its container to be gone")


def test_a_run_canceled_at_any_moment_of_its_start_is_canceled(kinds: LiveInstance, docker_client: Any) -> None:
    client = kinds.client()
    runs = []
    for delay_s in (0, 0.05, 0.15, 0.3):
        run = client.start("kinds/sleeps", [30])
        time.sleep(delay_s)
        client.cancel(run.id)
        runs.append(run.id)
    for run_id in runs:
        until_status(client, run_id, "canceled")
        until_gone(docker_client, run_id)


def test_a_frozen_container_does_not_outlive_its_cancel(kinds: LiveInstance, docker_client: Any) -> None:
    client = kinds.client()
    run = client.start("kinds/sleeps", [30])
    until_status(client, run.id, "running")
    (container,) = containers(docker_client, run.id)
    docker_client.pause(container["Id"])
    client.cancel(run.id)
    until_status(client, run.id, "canceled")
    until_gone(docker_client, run.id)


def test_a_cancel_that_was_answered_survives_the_orchestrators_death(
    own_kinds: LiveInstance, docker_client: Any
) -> None:
    client = own_kinds.client()
    root = client.start("kinds/waits_for_sleepers", [1])
    until_status(client, root.id, "running")
    client.cancel(root.id)
    own_kinds.kill()
    own_kinds.up()
    client = own_kinds.client()
    until_status(client, root.id, "canceled")
    until_gone(docker_client, root.id)
    with own_kinds.http() as http:
        page = http.get("/task-runs", params={"rootTaskRunId": root.id}).json()
    for entry in page:
        until_status(client, entry["taskRun"]["id"], "canceled")
        until_gone(docker_client, entry["taskRun"]["id"])
