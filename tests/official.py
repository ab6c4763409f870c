"""The official packages as their users have them: each release in a virtual environment of its own, made once for all tests."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.effort import is_quick

RELEASES: Final = ("render_sdk==0.6.0", "render_sdk==0.7.0", "render_sdk==0.8.0")
RENAMED: Final = ("render==1.0.1", "render==1.2.0", "render==1.5.0")
ALL: Final = (RELEASES[-1], RENAMED[-1]) if is_quick() else RELEASES + RENAMED
"""Those that tests go through, from the oldest on: `make test-fast` has the last of each name, for 0.6.0 takes long to import."""

NO_TLS: Final = {"SSL_CERT_DIR": "/nowhere"}
"""For their environment: to load certificates, as each client does that they make, takes longer than to ask over plain HTTP."""


def python_with(requirement: str) -> Path:
    """The interpreter of an environment in which exactly this release is installed."""
    home = _cache() / f"{requirement}-py{sys.version_info[0]}{sys.version_info[1]}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with home.with_name(f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _make(home, requirement)
    return home / "bin" / "python"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "orchestrator-tests"


def _make(home: Path, requirement: str) -> None:
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", requirement], check=True)
    (home / "complete").touch()
