"""Usage is what the processes hold, without what the kernel merely caches, wherever it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.core.container.spec import Usage
from orchestrator.engine.docker.resources.cgroup import of_container
from orchestrator.engine.docker.resources.usage import from_stats, in_use

V1 = "cache 70\ninactive_file 1\nactive_file 1\ntotal_inactive_file 30\ntotal_active_file 20\n"
V2 = "anon 50\ninactive_file 30\nactive_file 20\n"


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
    for cgroup, name, text in (
        (memory, "memory.stat", parts),
        (memory, usage_file, "100\n"),
        (pids, "pids.current", "7\n"),
    ):
        (tmp_path / cgroup).mkdir(parents=True, exist_ok=True)
        (tmp_path / cgroup / name).write_text(text)
    assert in_use(of_container("c1", root=tmp_path)) == Usage(memory_bytes=50, pids=7)


@pytest.mark.parametrize("was_here", [True, False])
def test_a_cgroup_that_is_not_here_or_not_any_more_does_not_say(tmp_path: Path, was_here: bool) -> None:
    if was_here:
        (tmp_path / "docker/c1").mkdir(parents=True)
    assert in_use(of_container("c1", root=tmp_path)) is None


@pytest.mark.parametrize("names", [("total_inactive_file", "total_active_file"), ("inactive_file", "active_file")])
def test_dockers_stats_are_read_alike(names: tuple[str, str]) -> None:
    assert from_stats({"memory_stats": {"usage": 100, "stats": {names[0]: 30, names[1]: 20}}}).memory_bytes == 50


def test_what_does_not_run_uses_nothing() -> None:
    assert from_stats({"memory_stats": {}, "pids_stats": {}}) == Usage()
