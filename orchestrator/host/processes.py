"""Who listens on a port of this machine, and what a process has open and uses, as far as this user may see."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
_LISTENING: Final = "0A"  # TCP_LISTEN, include/net/tcp_states.h
_COMMAND_CHARS: Final = 120


@dataclass(frozen=True, slots=True)
class Listener:
    """A process that listens: its id, and the command it was started with."""

    pid: int
    command: str


def open_files(pid: int, proc: Path = PROC) -> Iterator[str]:
    """The paths of what the process holds open; nothing of somebody else's process."""
    yield from _open_by(proc / str(pid))


def listener(port: int, proc: Path = PROC) -> Listener | None:
    """The process that listens on the TCP port; None when there is none, or when it is somebody else's."""
    wanted = {f"socket:[{inode}]" for inode in _sockets(port, proc)}
    if not wanted:
        return None
    for process in proc.glob("[0-9]*"):
        if wanted.intersection(_open_by(process)):
            return Listener(int(process.name), _command(process))
    return None


def cpu_s(pid: int, proc: Path = PROC) -> float:
    """Seconds of CPU the process has used, in user code and in the kernel. Raises OSError when it is gone."""
    fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int, proc: Path = PROC) -> int:
    """The memory of the process that is in RAM. Raises OSError when it is gone."""
    return int((proc / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _sockets(port: int, proc: Path) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (proc / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def _open_by(process: Path) -> Iterator[str]:
    with suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                yield os.readlink(descriptor)


def _command(process: Path) -> str:
    with suppress(OSError):
        return (process / "cmdline").read_text(errors="replace").replace("\0", " ").strip()[:_COMMAND_CHARS]
    return ""
