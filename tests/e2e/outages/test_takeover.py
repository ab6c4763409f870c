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
from tests.wait import LIMIT_S, until

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


def until_it_schedules(instance: LiveInstance) -> None:
    until(lambda: role(instance) == "scheduling", "an orchestrator to schedule")


def holder_and_other(pair: Pair) -> tuple[LiveInstance, LiveInstance]:
    """Who schedules, and who stands by. On a busy host a lease may run out by itself, which must disturb nothing."""
    both = (pair.first, pair.second)
    roles: list[str] = []

    def is_one_each() -> bool:
        roles[:] = [role(instance) for instance in both]
        return sorted(roles) == ["scheduling", "standing by"]

    until(is_one_each, "one orchestrator to schedule and the other to stand by")
    return both if roles[0] == "scheduling" else both[::-1]


def assert_finishes_undisturbed(instance: LiveInstance, run_id: str) -> None:
    finished = instance.client().wait(run_id, timeout_s=LIMIT_S)
    assert (finished.results, len(finished.attempts)) == (["awake"], 1)


def test_one_schedules_and_the_other_takes_over(pair: Pair, docker_client: Any) -> None:
    holder, other = holder_and_other(pair)
    assert info(holder)["instance"] == info(other)["instance"]
    assert other.deploy(KINDS, "kinds")["status"] == "ready"

    # The holder sleeps for longer than its lease, and wakes up to find that another schedules.
    run = other.start_running("kinds/sleeps", 6)
    holder, other = holder_and_other(pair)
    assert holder.process is not None
    os.kill(holder.process.pid, signal.SIGSTOP)
    until_it_schedules(other)
    os.kill(holder.process.pid, signal.SIGCONT)
    assert_finishes_undisturbed(holder, run)

    # The holder is killed.
    run = other.start_running("kinds/sleeps", 6)
    holder, other = holder_and_other(pair)
    holder.kill()
    until_it_schedules(other)
    assert_finishes_undisturbed(other, run)

    # The next process of a data directory stands by, and follows when the holder leaves in good order.
    holder.up()
    run = holder.start_running("kinds/sleeps", 3)
    holder, other = holder_and_other(pair)
    holder.down()
    until_it_schedules(other)
    assert_finishes_undisturbed(other, run)
    label = f"{LABEL_INSTANCE}={info(other)['instance']}"
    until(lambda: not containers_of_runs(docker_client, label), "its containers to go")
