"""Memory is what the processes hold, without what the kernel merely caches, wherever it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.engine.docker_memory import from_stats, memory_used_bytes

V1 = "cache 70\ninactive_file 1\nactive_file 1\ntotal_inactive_file 30\ntotal_active_file 20\n"
V2 = "anon 50\ninactive_file 30\nactive_file 20\n"


class Docker:
    """Answers "stats" as Docker does, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def stats(self, container_id: str, **_: object) -> dict[str, Any]:
        self.asked += 1
        return {"memory_stats": {"usage": 9, "stats": {}}}


@pytest.mark.parametrize(
    ("cgroup", "usage_file", "parts"),
    [
        ("memory/docker/c1", "memory.usage_in_bytes", V1),
        ("memory/system.slice/docker-c1.scope", "memory.usage_in_bytes", V1),
        ("docker/c1", "memory.current", V2),
        ("system.slice/docker-c1.scope", "memory.current", V2),
    ],
)
def test_the_cgroup_is_read_when_it_is_here(tmp_path: Path, cgroup: str, usage_file: str, parts: str) -> None:
    docker, place = Docker(), tmp_path / cgroup
    place.mkdir(parents=True)
    (place / "memory.stat").write_text(parts)
    (place / usage_file).write_text("100\n")
    assert memory_used_bytes(docker, "c1", tmp_path) == 50
    assert docker.asked == 0


def test_docker_is_asked_when_there_is_no_cgroup_here(tmp_path: Path) -> None:
    assert memory_used_bytes(Docker(), "c1", tmp_path) == 9


@pytest.mark.parametrize("names", [("total_inactive_file", "total_active_file"), ("inactive_file", "active_file")])
def test_dockers_stats_are_read_alike(names: tuple[str, str]) -> None:
    assert from_stats({"memory_stats": {"usage": 100, "stats": {names[0]: 30, names[1]: 20}}}) == 50


def test_what_does_not_run_uses_nothing() -> None:
    assert from_stats({"memory_stats": {}}) == 0
