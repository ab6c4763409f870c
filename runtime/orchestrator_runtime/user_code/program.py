"""A start command that is no Python of ours: run by the shell beside the shim, which serves it the worker protocol."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator_runtime.user_code.start_command import Start


class Program:
    """One process group, started once."""

    def __init__(self) -> None:
        self._pid: int | None = None

    def run(self, start: Start) -> int:
        """Start it and wait for its end; the exit code, 128 and more for a signal, as shells have it."""
        folder = f"cd '{start.folder}' && " if start.folder else ""
        # A group of its own, so that a signal reaches all it starts and not the shim.
        self._pid = os.posix_spawn("/bin/sh", ["sh", "-c", folder + start.target], os.environ, setpgroup=0)
        _, status = os.waitpid(self._pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code

    def terminate(self) -> None:
        """Ask it and all it started to end; called by the signal handler."""
        if self._pid is None:
            os._exit(128 + signal.SIGTERM)
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and all it started."""
        if self._pid is not None:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        assert self._pid is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, number)
