"""A start command that is no Python of ours: run by the shell beside the shim, which serves it the worker protocol."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Final

from orchestrator_runtime import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator_runtime.user_code.start_command import Start

NODE_OPTIONS: Final = "NODE_OPTIONS"
_LOADED_FIRST: Final = f"{wire.HOME_DIR}/npm/last-words.cjs"


class Program:
    """One process group, started at once."""

    def __init__(self, start: Start) -> None:
        folder = f"cd '{start.folder}' && " if start.folder else ""
        os.environ.update(last_words_of_node(os.environ))
        # A group of its own, so that a signal reaches all it starts and not the shim.
        self._pid = os.posix_spawn("/bin/sh", ["sh", "-c", folder + start.target], os.environ, setpgroup=0)

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


def last_words_of_node(environment: Mapping[str, str], script: str = _LOADED_FIRST) -> dict[str, str]:
    """The variables by which Node says why it ended, where it has no word for it; none where there is no script for that."""
    if not os.path.exists(script):
        return {}
    folder, socket = os.path.split(environment[wire.ENV_WORKER_SOCKET])
    report = f"--report-on-fatalerror --report-compact --report-directory={folder} --report-filename={socket}.report"
    return {NODE_OPTIONS: f"--require {script} {report} {environment.get(NODE_OPTIONS, '')}".rstrip()}
