"""Names that somebody may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

_SHOWN: Final = 3
_LISTED: Final = 8
_LENGTH_LIMIT_CHARS: Final = 200
"""Comparing takes time with the square of it."""


def did_you_mean(name: str, known: Iterable[str], they_are: str) -> str:
    """The end of a sentence: the names that are like this one, and the first of all; `they_are` is said before these."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name[:_LENGTH_LIMIT_CHARS], names, n=_SHOWN)
    question = f"; did you mean {' or '.join(map(repr, near))}?" if near else ";"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{question} {they_are}: {', '.join(names[:_LISTED])}{more}" if names else f"; {they_are}: none yet"
