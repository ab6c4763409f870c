"""A start command that is no Python of ours, run by the shell; with next to nothing imported, for it is to be started first."""

from __future__ import annotations

import os

from orchestrator_runtime import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

NODE_OPTIONS: Final = "NODE_OPTIONS"
_LOADED_FIRST: Final = f"{names.HOME_DIR}/npm/last-words.cjs"
_PROGRAMS: Final = ("node", "tsx", "bun", "deno", "npm", "npx", "pnpm", "yarn")


def is_plainly_a_program(command: str) -> bool:
    """Whether its first word says so; of others `start_command` finds out."""
    return command.split(None, 1)[:1] in ([name] for name in _PROGRAMS)


def shell(command: str, folder: str = "") -> int:
    """Start it in a process group of its own, so that a signal reaches all it starts and not the shim; its process id."""
    os.environ.update(last_words_of_node(os.environ))
    quoted = folder.replace("'", "'\\''")  # as shlex.quote does, whose import costs a start milliseconds
    enter = f"cd '{quoted}' && " if folder else ""
    return os.posix_spawn("/bin/sh", ["sh", "-c", enter + command], os.environ, setpgroup=0)


def last_words_of_node(environment: Mapping[str, str], script: str = _LOADED_FIRST) -> dict[str, str]:
    """The variables by which Node says why it ended, where it has no word for it; none where there is no script for that."""
    if not os.path.exists(script):
        return {}
    folder, socket = os.path.split(environment[names.ENV_WORKER_SOCKET])
    report = f"--report-on-fatalerror --report-compact --report-directory={folder} --report-filename={socket}.report"
    return {NODE_OPTIONS: f"--require {script} {report} {environment.get(NODE_OPTIONS, '')}".rstrip()}
