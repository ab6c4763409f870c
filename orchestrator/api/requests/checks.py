"""What clients say about workflows: names, commands, paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from pydantic.alias_generators import to_camel

from orchestrator.api.requests.parsing import is_text
from orchestrator.api.requests.refused import bad_request
from orchestrator.core.container.network import Reach, read_reach
from orchestrator.core.image import is_package
from orchestrator.core.workflow import slugify

_REGISTRY: Final = re.compile(
    r"(?!-)(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(?::\d{1,5})?(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*",
    re.ASCII,
)


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
    for name in ("root_dir", "dockerfile"):
        path = PurePosixPath(texts.get(name) or "")
        if path.is_absolute() or ".." in path.parts:
            raise bad_request(f"{to_camel(name)} '{path}' leads out of the repo: give one inside it")


def check_registry(name: str) -> str:
    """A registry, and a path in it; it has a dot, a port or the name localhost, as Docker tells it from a path. Raises Refused."""
    if name and not _REGISTRY.fullmatch(name):
        raise bad_request(
            f"push {name[:200]!r} names no registry: give a host, and a path if need be, like host:5000/team"
        )
    return name


def reach_of(said: str | list[str] | None) -> Reach | None:
    """Where runs may go; None where nobody said. Raises Refused."""
    try:
        return None if said is None else read_reach(said)
    except ValueError as error:
        raise bad_request(f"network {str(said)[:200]!r}: {error}") from None


def check_packages(names: Iterable[str]) -> None:
    """What apt is to install. Raises Refused."""
    for name in names:
        if not is_package(name):
            raise bad_request(f"apt {name[:100]!r} is no name of a Debian package: give one like libpq-dev")
