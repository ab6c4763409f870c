"""All containers of an instance share one limit of memory, which leaves the host its share."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.plans import MIB
from orchestrator.engine.docker.engine import DockerEngine
from orchestrator.engine.docker.resources.parent import ParentGroup
from orchestrator.host import cgroup
from tests.engine.docker.conftest import TINY, Play

HERE = {"KernelVersion": os.uname().release, "CgroupVersion": "2"}


async def test_an_engine_on_another_host_has_none() -> None:
    parent = ParentGroup("a1b2")
    assert await parent.confine({"KernelVersion": "5.4.0-other"}, 64 * MIB) == "the engine is on another host"
    assert (parent.name, parent.shortages()) == ("", 0)
    parent.ensure()
    await parent.remove()


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemd was asked for, where it refuses whatever is asked in the name of "denied"."""
    asked, program = tmp_path / "asked", tmp_path / "systemctl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {asked}\ncase "$*" in *denied*) echo Access denied >&2; exit 1;; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return asked


def test_where_systemd_manages_cgroups_it_is_asked_for_a_slice(systemctl: Path) -> None:
    reason = asyncio.run(ParentGroup("a1b2").confine({**HERE, "CgroupDriver": "systemd"}, 64 * MIB))
    assert systemctl.read_text().splitlines() == [
        f"--no-ask-password set-property --runtime orchestratora1b2.slice MemoryMax={64 * MIB}",
        "--no-ask-password start orchestratora1b2.slice",
    ]
    assert reason.startswith("its cgroup cannot be made"), "this host's own systemd made no such slice"


async def test_a_host_that_does_not_allow_it_says_why(systemctl: Path) -> None:
    parent = ParentGroup("denied")
    assert await parent.confine({**HERE, "CgroupDriver": "systemd"}, MIB) == "its cgroup cannot be made: Access denied"
    assert parent.name == ""


@pytest.fixture
async def confined(docker_engine: DockerEngine, instance: str) -> DockerEngine:
    """All containers together have less than one of them may use."""
    if why_not := await docker_engine.confine(40 * MIB):
        pytest.skip(f"not on this host: {why_not}")
    return docker_engine


GREEDY = "echo before; exec python3 -c 'b\"x\" * (50 << 20)'"


@pytest.mark.docker
async def test_a_container_is_killed_when_all_together_have_no_memory_left(confined: DockerEngine, play: Play) -> None:
    assert await play("exec python3 -c 'b\"x\" * (100 << 20)'", plan=TINY) == (137, [])
    assert (await play(GREEDY, plan=TINY))[0] == 137
    shortages = confined.shortages()
    assert shortages >= 1
    assert await play("echo fine", plan=TINY) == (0, ["fine"])
    assert confined.shortages() == shortages


@pytest.mark.docker
async def test_it_is_made_again_when_another_process_took_it_away(
    confined: DockerEngine, play: Play, docker_client: Any, instance: str
) -> None:
    other = DockerEngine(instance)
    await other.confine(40 * MIB)
    await other.dismantle()
    await other.close()
    assert folders(instance) == []
    assert (await play(GREEDY, plan=TINY))[0] == 137


@pytest.mark.docker
async def test_it_is_gone_when_the_engine_is_dismantled(confined: DockerEngine, play: Play, instance: str) -> None:
    assert await play("echo fine") == (0, ["fine"])
    for one in await confined.list():
        await confined.remove(one.id)
    await confined.dismantle()
    assert folders(instance) == []


def folders(instance: str) -> list[Path]:
    return [one for one in cgroup.ROOT.glob(f"*/*{instance}*") if one.is_dir()]
