"""What clients say about workflows: names, commands, paths."""

from __future__ import annotations

from pathlib import PurePosixPath

from pydantic.alias_generators import to_camel

from orchestrator.api.errors import bad_request
from orchestrator.api.requests.body import is_text
from orchestrator.core.workflow import slugify


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
