"""What clients say about workflows: names, commands, variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from pydantic.alias_generators import to_camel

from orchestrator.api.body import is_text, too_large
from orchestrator.api.errors import bad_request
from orchestrator.core.workflow import slugify

_ENV_LIMIT_BYTES: Final = 96 * 1024
"""Of one variable: Linux gives a program no longer ones than 128 KiB."""
_ENV_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_RESERVED: Final = ("ORCHESTRATOR_", "RENDER_SDK_")


def slug_of(name: str) -> str:
    """The workflow's name as it appears in ``slug/task``. Raises Refused."""
    slug = slugify(name)
    if not slug:
        raise bad_request(f"'{name}' leaves no usable name: it needs a letter a-z or a digit")
    return slug


def check_texts(**texts: str | None) -> None:
    """Commands and paths. Raises Refused."""
    for name, text in texts.items():
        if text and ("\0" in text or not is_text(text)):
            raise bad_request(f"{to_camel(name)} has characters that no command or path can have")
    folder = PurePosixPath(texts.get("root_dir") or "")
    if folder.is_absolute() or ".." in folder.parts:
        raise bad_request(f"rootDir '{folder}' leads out of the repo: give a folder inside it")


def check_env(env: Mapping[str, str]) -> None:
    """Variables. Raises Refused."""
    for name, value in env.items():
        if not _ENV_NAME.fullmatch(name):
            raise bad_request(f"env: {name!r} is no name of a variable: use letters, digits and '_', no digit first")
        if name.startswith(_RESERVED):
            raise bad_request(f"env: {name} is reserved for the orchestrator: choose another name")
        if "\0" in value or not is_text(value):
            raise bad_request(f"env: the value of {name} has characters that no variable can have")
        if len(value.encode()) > _ENV_LIMIT_BYTES:
            raise too_large(f"env: the value of {name}", len(value.encode()), _ENV_LIMIT_BYTES)
