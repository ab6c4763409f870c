"""A program beside the shim, which serves it the worker protocol."""

from __future__ import annotations

import contextlib
import os
import signal


class Program:
    """One process group."""

    def __init__(self, pid: int) -> None:
        """`pid` is a child process of this one, and its group's id."""
        self._pid = pid

    def wait(self) -> int:
        """Its exit code, once it has ended: 128 and more for a signal, as shells have it."""
        _, status = os.waitpid(self._pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code

    def terminate(self) -> None:
        """Ask it and all it started to end; called by the signal handler."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and all it started."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, number)
