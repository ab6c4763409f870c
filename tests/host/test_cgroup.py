"""The same numbers are read from either version's files; what is not there is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.host.cgroup import Cgroup, find

V1 = {
    "memory/a/b/memory.usage_in_bytes": "90",
    "memory/a/b/memory.max_usage_in_bytes": "100",
    "memory/a/b/memory.stat": "cache 9\ninactive_file 1\nactive_file 1\ntotal_inactive_file 30\ntotal_active_file 20",
    "memory/a/b/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2",
    "pids/a/b/pids.current": "7",
    "cpuacct/a/b/cpuacct.usage": "7000000",
    "cpu/a/b/cpu.stat": "nr_periods 1\nnr_throttled 1\nthrottled_time 3000000",
}
V2 = {
    "a/b/memory.current": "90",
    "a/b/memory.peak": "100",
    "a/b/memory.stat": "anon 50\ninactive_file 30\nactive_file 20",
    "a/b/memory.events": "low 0\noom 1\noom_kill 2",
    "a/b/pids.current": "7",
    "a/b/cpu.stat": "usage_usec 7000\nthrottled_usec 3000",
}


def numbers(cgroup: Cgroup) -> tuple[int | None, ...]:
    return (
        cgroup.memory_bytes(),
        cgroup.peak_memory_bytes(),
        cgroup.pids(),
        cgroup.cpu_ms(),
        cgroup.throttled_ms(),
        cgroup.oom_kills(),
    )


@pytest.mark.parametrize("files", [V1, V2], ids=["version 1", "version 2"])
def test_all_is_read_and_memory_counts_without_what_is_only_cached(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    cgroup = find(["elsewhere", "a/b"], tmp_path)
    assert cgroup is not None
    assert numbers(cgroup) == (40, 50, 7, 7, 3, 2)


@pytest.mark.parametrize("folder", ["memory/a", "a"], ids=["version 1", "version 2"])
def test_what_the_kernel_does_not_have_is_unknown(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    cgroup = find(["a"], tmp_path)
    assert cgroup is not None
    assert numbers(cgroup) == (None,) * 6


def test_a_group_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    assert find(["a", "b/c"], tmp_path) is None
