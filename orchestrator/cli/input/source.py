"""What a deploy sends: a packed folder, and what goes with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.archive import pack
from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.core.workflow import slugify

_GIT_URL: Final = re.compile(r"^(?:[a-z+]+://|[\w.-]+@[\w.-]+:)|\.git$")


def is_repo(path: str) -> bool:
    """Whether it is a Git URL, not a folder here."""
    return bool(_GIT_URL.search(path)) and not Path(path).exists()


def packed(path: str, root_dir: str | None) -> bytes:
    """The folder as a tar.gz. Raises CliError."""
    try:
        return pack(path, root_dir)
    except BadSource as error:
        raise _wrong(str(error), "") from error


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
