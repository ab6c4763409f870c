"""A build command as the hosted service is given one: what of it an image has anyway, and what is left to run."""

from __future__ import annotations

import re
from typing import Final

_PARTS: Final = re.compile(r"\s*(?:&&|;|\n)\s*")
_INSTALLERS: Final = r"(?:-U |--upgrade |--quiet |-q )*(?:pip|uv|poetry|pipenv|setuptools|wheel)(?:[=<>~]=?[\d.*]+)?"
_USUAL: Final = (
    rf"(?:python3? -m )?pip3? install (?:{_INSTALLERS} ?)+",
    r"(?:uv )?(?:python3? -m )?(?:pip3? install|pip sync)(?: --?[a-z][\w-]*)* (?:-r|--requirement)[ =]?\S+(?: --[a-z][\w-]*)*",
    r"(?:uv sync|uv lock|poetry install|poetry lock|pipenv install|pipenv sync)(?: --?\w[\w=-]*| \w+)*",
    r"poetry config \S+ \S+",
    r"(?:npm (?:ci|i|install)|(?:pnpm|bun) (?:i|install)|yarn(?: install)?)(?: --?[a-z][\w=-]*)*",
    r"(?:npm|pnpm|yarn|bun) run build|(?:pnpm|yarn) build",
    r"corepack enable(?: \w+)*|npm (?:i|install) (?:-g|--global) (?:npm|pnpm|yarn|bun)(?:@[\w.]+)?",
    r"uv venv(?: \S+)?|(?:source|\.) \S*activate",
)
_IS_USUAL: Final = re.compile("|".join(f"(?:{one})" for one in _USUAL))
_REQUIREMENTS: Final = re.compile(r"pip3? (?:install|sync)\b.*?(?:-r|--requirement)[ =]?(\S+)")


def left_to_run(command: str | None) -> str | None:
    """The command without what every image gets: dependencies installed, a package's build script run."""
    parts = [part for part in _PARTS.split((command or "").strip()) if part]
    # In a shell a change of folder or a variable may be meant for all that follows.
    if all(_IS_USUAL.fullmatch(" ".join(part.split())) for part in parts):
        return None
    return (command or "").strip()


def requirements_file(command: str | None) -> str | None:
    """The file the command gives to pip, if it names one."""
    found = _REQUIREMENTS.search(command or "")
    return found[1].removeprefix("./") if found else None
