"""What a deploy sends: a packed folder, and what goes with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from orchestrator.builder.detect import before_upload
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.archive import pack
from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.core.plans import MIB
from orchestrator.core.workflow import SOURCE_BYTES, slugify

HELD_BYTES: Final = MIB
_NOTHING: Final[Mapping[str, Any]] = {}
_GIT_URL: Final = re.compile(r"^(?:[a-z+]+://|[\w.-]+@[\w.-]+:)|\.git$")


def is_repo(path: str) -> bool:
    """Whether it is a Git URL, not a folder here."""
    return bool(_GIT_URL.search(path)) and not Path(path).exists()


def packed(
    path: str, asked: Mapping[str, Any] = _NOTHING, limit_bytes: Callable[[], int] = lambda: SOURCE_BYTES
) -> SpooledTemporaryFile[bytes]:
    """The folder as a tar.gz, or the part of it that is asked for. Raises CliError, also for what it says of itself.

    In memory while it is small, else in a file that goes when it is closed. `limit_bytes` is asked how large it may be, where
    that matters.
    """
    root_dir = asked.get("root_dir")
    archive = SpooledTemporaryFile(HELD_BYTES, prefix="orchestrator-source-")  # noqa: SIM115  # whoever sends it closes it
    try:
        pack(path, archive, root_dir, limit_bytes)
        before_upload.check(
            Path(path) / (root_dir or ""), asked.get("start_command") or "", asked.get("dockerfile") or ""
        )
    except BadSource as error:
        archive.close()
        raise _wrong(str(error), "") from error
    archive.seek(0)
    return archive


def digest_of(archive: SpooledTemporaryFile[bytes]) -> bytes:
    """What tells it from others; it is at its beginning then."""
    digest = hashlib.file_digest(archive, "sha256").digest()
    archive.seek(0)
    return digest


def name_of(path: str, name: str | None) -> str:
    """The workflow's name: what was asked for, else the folder's or repo's. Raises CliError."""
    chosen = name or (_repo_name(path) if is_repo(path) else Path(path).resolve().name)
    if not slugify(chosen):
        raise _wrong(f"'{chosen}' has neither letters nor digits to name a workflow by", "choose one with --name")
    return chosen


def _repo_name(url: str) -> str:
    return re.split(r"[/:]", url.rstrip("/"))[-1].removesuffix(".git")


def _wrong(message: str, hint: str) -> CliError:
    return CliError(message, hint, exit_codes.USAGE)
