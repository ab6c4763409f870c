"""What the host offers is known only where it is this host."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from orchestrator.engine.docker import host

LOCAL, REMOTE = "unix:///var/run/docker.sock", "tcp://10.0.0.7:2376"


def test_the_lower_of_the_kernels_limits_counts(tmp_path: Path) -> None:
    limits = (tmp_path / "pid_max", tmp_path / "threads-max")
    for limit, text in zip(limits, ("4194304\n", "127000\n"), strict=True):
        limit.write_text(text)
    assert host.pids(LOCAL, limits) == 127_000
    assert host.pids(REMOTE, limits) is None


def test_a_kernel_without_these_files_says_nothing(tmp_path: Path) -> None:
    assert host.pids(LOCAL, (tmp_path / "pid_max",)) is None


def test_the_engines_disk_is_known_when_it_is_here(tmp_path: Path) -> None:
    assert host.disk(LOCAL, str(tmp_path)) == tmp_path
    assert host.disk(REMOTE, str(tmp_path)) is None
    assert host.disk(LOCAL, str(tmp_path / "in-a-virtual-machine")) is None
    assert host.disk(LOCAL, "") is None


def test_a_container_gets_no_more_files_than_the_host_gives_to_anyone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (1024, 4096))
    assert (host.open_files(16_384), host.open_files(100)) == (4096, 100)
    monkeypatch.setattr("resource.getrlimit", lambda _: (1024, resource.RLIM_INFINITY))
    assert host.open_files(16_384) == 16_384
