"""A group of processes with one limit of memory over all of them: a cgroup that we make, of version 1 or 2.

Containers are put below it. How often the group itself ran out, and not one of those below it alone, is what the kernel tells: in
version 2 as a counter, in version 1 by a signal that is counted for us.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from orchestrator.host import cgroup


class MemoryGroup:
    """The group `name`, a path below the root of cgroups; nothing is there before `make`."""

    def __init__(self, name: str, version: int, root: Path = cgroup.ROOT) -> None:
        self._root = root
        self.name = name
        self._version = version
        self._folder = root / "memory" / name if version == 1 else root / name
        self._signal: int | None = None
        self._signalled = 0

    @property
    def is_there(self) -> bool:
        """Whether somebody made it, and nobody removed it."""
        return self._folder.is_dir()

    def make(self, memory_bytes: int) -> None:
        """Make it, unless it is there, and let it use so much and not swap. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.limit(memory_bytes)

    def limit(self, memory_bytes: int) -> None:
        """Give a group that is there this limit, and listen to it. Raises OSError."""
        if self._version == 1:
            self._limit_v1(memory_bytes)
            self._listen()
        else:
            self._write("memory.max", memory_bytes)
            with suppress(OSError):  # where the kernel does not count swap
                self._write("memory.swap.max", 0)

    def shortages(self) -> int:
        """How often it had no memory left, and something below it was killed for that."""
        if self._version == 2:
            return cgroup.table(self._folder / "memory.events.local").get("oom", 0)
        if self._signal is not None:
            with suppress(BlockingIOError):
                self._signalled += os.eventfd_read(self._signal)
        return self._signalled

    def remove(self) -> None:
        """Remove it if nothing is left below it, whoever made it. Safe to repeat."""
        self.close()
        controllers = [self._root] if self._version == 2 else [one for one in self._root.iterdir() if one.is_dir()]
        for controller in controllers:
            with suppress(OSError):
                (controller / self.name).rmdir()

    def close(self) -> None:
        """Listen no more."""
        if self._signal is not None:
            os.close(self._signal)
            self._signal = None

    def _limit_v1(self, memory_bytes: int) -> None:
        """Memory with swap is limited, too, and never below memory alone: so it is last to grow and first to shrink."""
        both = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
        for file in (*both, both[0]):
            with suppress(OSError):
                self._write(file, memory_bytes)
        if cgroup.number(self._folder / both[0]) != memory_bytes // _PAGE * _PAGE:
            raise OSError(f"{self._folder / both[0]} does not take {memory_bytes}")

    def _listen(self) -> None:
        self.close()
        signal = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        control = os.open(self._folder / "memory.oom_control", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._write("cgroup.event_control", f"{signal} {control}")
        except OSError:
            os.close(signal)
            raise
        finally:
            os.close(control)
        self._signal = signal

    def _write(self, file: str, value: int | str) -> None:
        (self._folder / file).write_text(str(value))


_PAGE = os.sysconf("SC_PAGE_SIZE")
