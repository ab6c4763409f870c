"""A data directory that was saved and put back, and one that was copied while it was used."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.image import REPOSITORY
from tests.live_instance import LiveInstance, while_up
from tests.wait import LIMIT_S

pytestmark = pytest.mark.docker


def test_a_backup_made_while_runs_were_on_their_way_is_put_back_and_they_go_on(
    own_kinds: LiveInstance, tmp_path: Path
) -> None:
    client, key = own_kinds.client(), own_kinds.data_dir.api_key()
    done = client.run("kinds/square", [3])
    sleeping = own_kinds.start_running("kinds/sleeps", 8)
    waiting = [client.start("kinds/square", [number]) for number in range(3)]
    made = own_kinds.cli("backup", str(tmp_path / "backup"))
    assert made.returncode == 0, made.stderr
    own_kinds.down()
    shutil.rmtree(own_kinds.home / "store")
    own_kinds.data_dir.api_key_path.unlink()
    put_back = own_kinds.cli("restore", str(tmp_path / "backup"))
    assert put_back.returncode == 0, put_back.stderr
    own_kinds.up()
    client = own_kinds.client()
    assert own_kinds.data_dir.api_key() == key
    assert client.get(done.id).results == [9]
    slept = client.wait(sleeping, timeout_s=LIMIT_S)
    assert (slept.results, len(slept.attempts)) == (["awake"], 1)
    assert [client.wait(run.id, timeout_s=LIMIT_S).results for run in waiting] == [[0], [1], [4]]


@pytest.fixture
def copied(
    own_kinds: LiveInstance, tmp_path_factory: pytest.TempPathFactory, docker_client: Any
) -> Iterator[tuple[LiveInstance, str]]:
    """A copy of what runs, started on the same Docker, and a run that was on its way."""
    sleeping = own_kinds.start_running("kinds/sleeps", 8)
    copy = LiveInstance(tmp_path_factory.mktemp("copy") / "data")
    subprocess.run(["cp", "-a", own_kinds.home, copy.home], check=True)
    for _ in while_up(copy, docker_client):
        yield copy, sleeping


def test_a_copy_of_what_runs_is_told_so_and_leaves_the_others_containers_alone(
    own_kinds: LiveInstance, copied: tuple[LiveInstance, str]
) -> None:
    copy, sleeping = copied
    assert copy.data_dir.instance() != own_kinds.data_dir.instance()
    assert f"is a copy of {own_kinds.home}" in (copy.home / "test.log").read_text()
    for instance in (own_kinds, copy):
        client = instance.client()
        assert client.run("kinds/square", [2], timeout_s=LIMIT_S).results == [4]
        assert client.wait(sleeping, timeout_s=LIMIT_S).results == ["awake"]
    assert len(own_kinds.client().get(sleeping).attempts) == 1


def test_nothing_with_docker_is_left_of_one_that_is_cleaned(
    copied: tuple[LiveInstance, str], docker_client: Any
) -> None:
    copy, _ = copied
    copy.kill()
    assert copy.cli("clean", "--yes").returncode == 0
    assert docker_client.containers(all=True, filters={"label": copy.label}) == []
    assert docker_client.networks(filters={"label": copy.label}) == []
    assert docker_client.images(name=f"{REPOSITORY}:{copy.data_dir.instance()}-*") == []
