"""Usage is what the processes hold, without what the kernel merely caches, wherever it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.container.spec import Usage
from orchestrator.engine.docker.resources.usage import from_stats, usage

V1 = "cache 70\ninactive_file 1\nactive_file 1\ntotal_inactive_file 30\ntotal_active_file 20\n"
V2 = "anon 50\ninactive_file 30\nactive_file 20\n"


class Docker:
    """Answers "stats" as Docker does, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def stats(self, container_id: str, **_: object) -> dict[str, Any]:
        self.asked += 1
        return {"memory_stats": {"usage": 9, "stats": {}}, "pids_stats": {"current": 3}}


@pytest.mark.parametrize(
    ("memory", "pids", "usage_file", "parts"),
    [
        ("memory/docker/c1", "pids/docker/c1", "memory.usage_in_bytes", V1),
        ("memory/system.slice/docker-c1.scope", "pids/system.slice/docker-c1.scope", "memory.usage_in_bytes", V1),
        ("docker/c1", "docker/c1", "memory.current", V2),
        ("system.slice/docker-c1.scope", "system.slice/docker-c1.scope", "memory.current", V2),
    ],
)
def test_the_cgroup_is_read_when_it_is_here(
    tmp_path: Path, memory: str, pids: str, usage_file: str, parts: str
) -> None:
    docker = Docker()
    for cgroup, name, text in (
        (memory, "memory.stat", parts),
        (memory, usage_file, "100\n"),
        (pids, "pids.current", "7\n"),
    ):
        (tmp_path / cgroup).mkdir(parents=True, exist_ok=True)
        (tmp_path / cgroup / name).write_text(text)
    assert usage(docker, "c1", root=tmp_path) == Usage(memory_bytes=50, pids=7)
    assert docker.asked == 0


def test_docker_is_asked_when_there_is_no_cgroup_here(tmp_path: Path) -> None:
    assert usage(Docker(), "c1", root=tmp_path) == Usage(memory_bytes=9, pids=3)


@pytest.mark.parametrize("names", [("total_inactive_file", "total_active_file"), ("inactive_file", "active_file")])
def test_dockers_stats_are_read_alike(names: tuple[str, str]) -> None:
    assert from_stats({"memory_stats": {"usage": 100, "stats": {names[0]: 30, names[1]: 20}}}).memory_bytes == 50


def test_what_does_not_run_uses_nothing() -> None:
    assert from_stats({"memory_stats": {}, "pids_stats": {}}) == Usage()
