"""What doctor looks at: this machine, behind one object that tests replace."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from orchestrator import BUNDLED_DIR
from orchestrator.app.serving import listening
from orchestrator.host import disks, memory

_COMMAND_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended."""

    exit_code: int
    output: str

    @property
    def is_ok(self) -> bool:
        """Whether it succeeded."""
        return self.exit_code == 0


class Machine:
    """Questions to this machine; none of them leaves anything behind."""

    def python_version(self) -> str:
        """Of the interpreter that runs us."""
        return platform.python_version()

    def user(self) -> str:
        """The name of whoever runs us."""
        return os.environ.get("USER") or str(os.getuid())

    def find(self, program: str) -> str | None:
        """Its path."""
        return shutil.which(program)

    def ask(self, *command: str) -> Answer:
        """Run a command that ends soon."""
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=_COMMAND_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Answer(127, str(error))
        return Answer(done.returncode, done.stdout.strip())

    def now_s(self) -> float:
        """A clock to time things by."""
        return time.monotonic()

    def images_script(self, name: str) -> str:
        """The path of one of our scripts that care for images."""
        return str(BUNDLED_DIR / "images" / name)

    def write_error(self, folder: Path) -> str | None:
        """Why nothing can be written there; None when it can."""
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if not existing.is_dir():
            return f"{existing} is not a folder"
        return None if os.access(existing, os.W_OK | os.X_OK) else f"{existing} is not writable"

    def free_bytes(self, folder: Path) -> int:
        """Free space on the disk that holds, or will hold, the folder."""
        return disks.free_bytes(next(parent for parent in (folder, *folder.parents) if parent.exists()))

    def listen_error(self, host: str, port: int) -> str | None:
        """Why nothing can listen there; None when something could."""
        try:
            listening.listen(host, port).close()
        except listening.PortUnusable as error:
            return str(error)
        return None

    def cpus(self) -> int:
        """How many CPUs there are."""
        return os.cpu_count() or 1

    def memory_bytes(self) -> int:
        """All memory."""
        return memory.total_bytes()
