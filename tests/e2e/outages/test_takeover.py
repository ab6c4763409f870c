"""Two orchestrators on one store: one schedules, the other takes over when it dies, sleeps or leaves; both serve the API."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.redis.server import channel_server, store_server
from tests.e2e.conftest import KINDS
from tests.leftovers import containers_of_runs, remove_all
from tests.live_instance import LiveInstance
from tests.wait import until

pytestmark = pytest.mark.docker
LEASE_S = 3.0


@dataclass
class Pair:
    """Two orchestrators; `first` was started first."""

    first: LiveInstance
    second: LiveInstance


@pytest.fixture
def pair(tmp_path: Path, docker_client: Any, base_image: str) -> Iterator[Pair]:
    servers = store_server(tmp_path / "s", "p", fsync="no"), channel_server(tmp_path / "c", "p")
    for server in servers:
        asyncio.run(server.start())
    environment = {
        "ORCHESTRATOR_STORE_URL": servers[0].url,
        "ORCHESTRATOR_CHANNEL_URL": servers[1].url,
        "ORCHESTRATOR_LEASE_S": str(LEASE_S),
    }
    made = Pair(LiveInstance(tmp_path / "1", environment), LiveInstance(tmp_path / "2", environment))
    made.first.up()
    # Both must be able to read the variables in the store.
    made.second.home.mkdir()
    shutil.copy2(made.first.data_dir.env_key_path, made.second.data_dir.env_key_path)
    made.second.up()
    label = f"{LABEL_INSTANCE}={info(made.first)['instance']}"
    yield made
    for instance in (made.first, made.second):
        instance.down()
    for server in servers:
        asyncio.run(server.stop())
    remove_all(docker_client, label)


def info(instance: LiveInstance) -> dict[str, str]:
    with instance.http() as http:
        return dict(http.get("/status").json()["info"])


def role(instance: LiveInstance) -> str:
    return info(instance)["scheduler"].split(":")[0]


def until_role(instance: LiveInstance, expected: str) -> None:
    until(lambda: role(instance) == expected, f"an orchestrator to be {expected}")


def assert_finishes_undisturbed(instance: LiveInstance, run_id: str) -> None:
    finished = instance.client().wait(run_id, timeout_s=60)
    assert (finished.results, len(finished.attempts)) == (["awake"], 1)


def test_one_schedules_and_the_other_takes_over(pair: Pair, docker_client: Any) -> None:
    first, second = pair.first, pair.second
    assert (role(first), role(second)) == ("scheduling", "standing by")
    assert info(first)["instance"] == info(second)["instance"]
    assert second.deploy(KINDS, "kinds")["status"] == "ready"

    # The holder sleeps for longer than its lease, and wakes up to find that another schedules.
    assert first.process is not None
    run = second.start_running("kinds/sleeps", 6)
    os.kill(first.process.pid, signal.SIGSTOP)
    until_role(second, "scheduling")
    os.kill(first.process.pid, signal.SIGCONT)
    until_role(first, "standing by")
    assert_finishes_undisturbed(first, run)

    # The holder is killed.
    run = first.start_running("kinds/sleeps", 6)
    second.kill()
    until_role(first, "scheduling")
    assert_finishes_undisturbed(first, run)

    # The next process of a data directory stands by, and follows at once when the holder leaves in good order.
    second.up()
    assert role(second) == "standing by"
    run = second.start_running("kinds/sleeps", 3)
    first.down()
    until_role(second, "scheduling")
    assert_finishes_undisturbed(second, run)
    label = f"{LABEL_INSTANCE}={info(second)['instance']}"
    until(lambda: not containers_of_runs(docker_client, label), "its containers to go")
