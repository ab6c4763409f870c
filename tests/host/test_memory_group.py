"""One limit over many: the same for either version of cgroups, and on this host's own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.core.plans import MIB
from orchestrator.host import cgroup
from orchestrator.host.memory_group import MemoryGroup

VERSION = 1 if (cgroup.ROOT / "memory").is_dir() else 2
USE = (
    "import os, sys; open(sys.argv[1] + '/cgroup.procs', 'w').write(str(os.getpid())); b'x' * (int(sys.argv[2]) << 20)"
)


def test_version_2_takes_its_limit_and_no_swap(tmp_path: Path) -> None:
    group = MemoryGroup("runs", 2, tmp_path)
    group.make(64 * MIB)
    files = {file.name: file.read_text() for file in (tmp_path / "runs").iterdir()}
    assert files == {"memory.max": str(64 * MIB), "memory.swap.max": "0"}


def test_version_2_counts_how_often_it_ran_out_itself(tmp_path: Path) -> None:
    group = MemoryGroup("runs", 2, tmp_path)
    assert (group.is_there, group.shortages()) == (False, 0)
    group.make(64 * MIB)
    (tmp_path / "runs" / "memory.events.local").write_text("max 9\noom 2\noom_kill 1\n")
    assert (group.is_there, group.shortages()) == (True, 2)


@pytest.fixture
def group() -> Iterator[MemoryGroup]:
    name = f"orc-test{secrets.token_hex(4)}"
    made = MemoryGroup(name, VERSION)
    try:
        made.make(48 * MIB)
    except OSError as error:
        pytest.skip(f"this host lets nobody make a cgroup: {error}")
    yield made
    made.remove()
    assert [one for one in cgroup.ROOT.glob(f"**/{name}") if one.is_dir()] == []


def use(folder: Path, mib: int) -> int:
    """The exit code of a process below a folder that wants so much."""
    return subprocess.run([sys.executable, "-S", "-c", USE, folder, str(mib)], timeout=60).returncode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a cgroup")
def test_only_its_own_shortage_counts_and_not_that_of_one_below_it(group: MemoryGroup) -> None:
    folder = next(one for one in (cgroup.ROOT / "memory", cgroup.ROOT) if one.is_dir()) / group.name
    below = MemoryGroup(f"{group.name}/one", VERSION)
    below.make(24 * MIB)
    try:
        assert use(folder / "one", 40) == -9
        assert group.shortages() == 0, "it was the one below that ran out"
        below.limit(256 * MIB)
        assert use(folder / "one", 1) == 0
        assert use(folder / "one", 100) == -9
        assert group.shortages() == 1
        assert group.shortages() == 1, "it is a count"
    finally:
        below.remove()
