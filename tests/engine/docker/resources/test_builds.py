"""Which group the steps of builds are below, and its limits."""

from __future__ import annotations

import os
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.plans import GIB
from orchestrator.engine.docker.build.base import docker_cli
from orchestrator.engine.docker.resources.builds import PIDS_LIMIT, BuildGroup
from orchestrator.host import cgroup

OLD = {"ServerVersion": "20.10.24+dfsg1", "MemTotal": 16 * GIB, "CgroupDriver": "cgroupfs", "KernelVersion": "x"}


async def test_all_builds_of_an_old_docker_are_limited_together(tmp_path: Path) -> None:
    assert await BuildGroup("a1", None, tmp_path).confine(OLD | {"CgroupVersion": "2"}) == ""
    folder = tmp_path / "docker" / "buildkit"
    found = {name: (folder / name).read_text() for name in ("memory.max", "pids.max", "cpu.weight")}
    assert found == {"memory.max": str(8 * GIB), "pids.max": str(PIDS_LIMIT), "cpu.weight": "25"}


async def test_without_a_limit_nothing_is_touched(tmp_path: Path) -> None:
    assert await BuildGroup("a1", 0, tmp_path).confine(OLD) == ""
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("changed", [{"CgroupDriver": "systemd"}, {"ServerVersion": "24.0.1", "CgroupVersion": "2"}])
async def test_where_it_cannot_be_it_is_said_once(
    tmp_path: Path, changed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    group = BuildGroup("a1", None, tmp_path)
    for _ in range(2):
        assert await group.confine(OLD | changed) == ""
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "builds have no limits of memory and processes"
    ]


async def _quietly(_: str) -> None:
    """Takes what finding the command has to say."""


@pytest.mark.docker
@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes cgroups")
async def test_the_steps_of_a_build_are_below_it(
    docker_client: Any, base_image: str, tmp_path: Path, instance: str
) -> None:
    info = docker_client.info()
    if info["CgroupVersion"] != "1" or not info["ServerVersion"].startswith("20."):
        pytest.skip("this is of Docker 20.10 with cgroups of version 1")
    assert await BuildGroup(instance, None).confine(info) == ""
    folders = [cgroup.ROOT / controller / "docker" / "buildkit" for controller in ("memory", "pids")]
    assert int((folders[0] / "memory.limit_in_bytes").read_text()) == info["MemTotal"] // 2 // 4096 * 4096
    assert (folders[1] / "pids.max").read_text().strip() == str(PIDS_LIMIT)
    text = f"FROM {base_image}\nRUN echo {uuid.uuid4()} && cat /proc/self/cgroup\n"
    command = [await docker_cli(_quietly), "build", "--progress=plain", "--file=-", str(tmp_path)]
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    built = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=True)  # noqa: ASYNC221
    shown = built.stdout + built.stderr
    assert ":memory:/docker/buildkit/" in shown
    assert ":pids:/docker/buildkit/" in shown
