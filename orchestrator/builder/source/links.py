"""Where the symbolic links of a folder lead, without the folder."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

_MOST: Final = 40
"""Links on one way, as for Linux: a loop has more."""


def resolved(path: str, links: Mapping[str, str]) -> str | None:
    """The path that a relative one means, through no link: empty for the folder itself, None for what is outside or nowhere.

    `links` has targets by path. What is not there is a folder or a file, as it needs to be.
    """
    ahead, here, met = _parts(path), "", 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            if not here:
                return None
            here = posixpath.dirname(here)
            continue
        here = posixpath.join(here, part)
        if (target := links.get(here)) is not None:
            met += 1
            if met > _MOST or target.startswith("/"):
                return None
            here = posixpath.dirname(here)
            ahead += _parts(target)
    return here


def _parts(path: str) -> list[str]:
    """Of a path, the last one first."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]
