"""JavaScript and TypeScript as far as it takes to find calls in it: which text is code, and where brackets end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_NO_CODE: Final = re.compile(
    r"""//[^\n]*|/\*.*?\*/"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
    r"""|(?<=[(,=:\[!&|?{};])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/""",
    re.DOTALL,
)
_OPENS: Final = "([{"
_CLOSES: Final = ")]}"


def code_of(text: str) -> str:
    """The text with spaces for comments, strings and patterns: every place in it is what it was."""
    return _NO_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def line_of(text: str, place: int) -> int:
    """The number of a place's line, from 1."""
    return text.count("\n", 0, place) + 1


def parts(code: str, opening: int) -> list[tuple[int, int]]:
    """The places of what commas divide between the bracket at `opening` and its end, which may be missing."""
    found, start = [], opening + 1
    for place, depth in _depths(code, opening):
        if depth == 0 or (depth == 1 and code[place] == ","):
            found.append((start, place))
            start = place + 1
        if depth == 0:
            return found
    return []


def end_of(code: str, opening: int) -> int:
    """The place of the bracket that ends the one at `opening`; of the text's end where none does."""
    return next((place for place, depth in _depths(code, opening) if depth == 0), len(code))


def _depths(code: str, opening: int) -> Iterator[tuple[int, int]]:
    depth = 0
    for place in range(opening, len(code)):
        depth += (code[place] in _OPENS) - (code[place] in _CLOSES)
        yield place, depth
