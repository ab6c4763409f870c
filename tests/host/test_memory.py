"""The memory of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.core.plans import GIB, MIB
from orchestrator.host.memory import HostMemory, total_bytes


def test_a_machine_has_memory() -> None:
    assert total_bytes() > 64 * MIB


def memory(folder: Path, *, available_bytes: int, waited: float | None) -> HostMemory:
    """Of a host with 16 GiB."""
    meminfo, pressure = folder / "meminfo", folder / "pressure"
    meminfo.write_text(f"MemTotal: {16 * GIB // 1024} kB\nMemFree: 1 kB\nMemAvailable: {available_bytes // 1024} kB\n")
    if waited is not None:
        pressure.write_text(f"some avg10={waited:.2f} avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 total=1\n")
    return HostMemory(512 * MIB, 20.0, meminfo, pressure)


@pytest.mark.parametrize(
    ("available_bytes", "waited", "lacks"),
    [
        (8 * GIB, 0.0, ""),
        (511 * MIB, 0.0, "511 MiB of the host's memory are free, and 512 MiB must stay free"),
        (3 * GIB, 35.0, "the host waits for memory 35 % of the time"),
        (3 * GIB, 20.0, ""),
        (8 * GIB, 100.0, ""),
        (3 * GIB, None, ""),
    ],
    ids=["roomy", "little is free", "pressed", "as pressed as may be", "only a container is pressed", "no PSI"],
)
def test_it_lacks_what_must_stay_free_or_the_time_that_is_spent_waiting(
    tmp_path: Path, available_bytes: int, waited: float | None, lacks: str
) -> None:
    found = memory(tmp_path, available_bytes=available_bytes, waited=waited).lack()
    assert found.startswith(lacks)
    assert bool(found) == bool(lacks)


def test_what_the_kernel_does_not_tell_forbids_nothing(tmp_path: Path) -> None:
    assert HostMemory(GIB, 0, tmp_path / "none", tmp_path / "none").lack() == ""
