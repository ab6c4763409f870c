"""What a deploy sends: a packed folder, and what goes with it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.archive import pack
from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.core.workflow import slugify

_GIT_URL: Final = re.compile(r"^(?:[a-z+]+://|[\w.-]+@[\w.-]+:)|\.git$")
_VARIABLE: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def is_repo(path: str) -> bool:
    """Whether it is a Git URL, not a folder here."""
    return bool(_GIT_URL.search(path)) and not Path(path).exists()


def packed(path: str, root_dir: str | None) -> str:
    """The folder as text. Raises CliError."""
    try:
        return base64.b64encode(pack(path, root_dir)).decode()
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


def variables(pairs: Sequence[str], file: Path | None) -> dict[str, str]:
    """The environment of the tasks: the file's variables, overruled by `pairs` of KEY=VALUE. Raises CliError."""
    found = dict(_variable(line, f"{file}, line {number}") for number, line in _lines(file))
    return found | dict(_variable(pair, "--env") for pair in pairs)


def _lines(file: Path | None) -> list[tuple[int, str]]:
    """The lines that say something, with their numbers from 1."""
    try:
        lines = [line.strip() for line in file.read_text().splitlines()] if file else []
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"{file} cannot be read: {error}", "give a text file with one KEY=VALUE a line") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    return [(number, line.removeprefix("export ").lstrip()) for number, line in numbered]


def _variable(pair: str, origin: str) -> tuple[str, str]:
    key, equals, value = pair.partition("=")
    if not equals or not _VARIABLE.match(key.strip()):
        # Not the pair itself: a secret may have slipped into the wrong place.
        raise _wrong(f"{origin}: this is not KEY=VALUE", "KEY has letters, digits and underscores")
    return key.strip(), value if origin == "--env" else _unquoted(value.strip())


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def body(name: str, **rest: Any) -> dict[str, Any]:
    """The request; what is empty is left out."""
    return {"name": name, **{key: value for key, value in rest.items() if value}}


def _wrong(message: str, hint: str) -> CliError:
    return CliError(message, hint, exit_codes.USAGE)
