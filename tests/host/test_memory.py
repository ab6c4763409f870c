from __future__ import annotations

from pathlib import Path

from orchestrator.host import memory


def test_it_is_what_the_kernel_says() -> None:
    (line,) = (line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    assert memory.total_bytes() == int(line.split()[1]) * 1024
