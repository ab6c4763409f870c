"""Versions and requirements as npm understands them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile
from typing import Final

Version = tuple[int, int, int]
Range = tuple[Version, Version]
"""From the first, below the second."""

ENDLESS: Final[Version] = (1_000_000, 0, 0)
_HYPHEN: Final = re.compile(r"(\S+)\s+-\s+(\S+)")
_COMPARATOR: Final = re.compile(
    r"(\^|~>?|>=|<=|>|<|=)?\s*v?((?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2})(?:[-+][\w.+-]*)?(?=\s|$)\s*"
)


def alternatives(required: str) -> list[list[Range]] | None:
    """What each part of a requirement between ``||`` admits: all its ranges at once. None for what is no requirement."""
    found = [_comparators(one) for one in required.split("||")]
    known = [ranges for ranges in found if ranges is not None]
    return known if len(known) == len(found) else None


def admits(any_of: list[list[Range]], version: Version) -> bool:
    """Whether one of the alternatives takes the version."""
    return any(all(low <= version < high for low, high in ranges) for ranges in any_of)


def version(text: str | None) -> Version | None:
    """The three numbers that a text begins with."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", text or "")
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _comparators(text: str) -> list[Range] | None:
    text = _HYPHEN.sub(r">=\1 <=\2", text.strip())
    found, place = [], 0
    while place < len(text):
        matched = _COMPARATOR.match(text, place)
        if not matched:
            return None
        found.append(_range(matched[1] or "=", matched[2]))
        place = matched.end()
    return found


def _range(operator: str, text: str) -> Range:
    """What one comparator admits, by npm's rules; numbers that are left out, or x, are any."""
    given = [int(part) for part in takewhile(str.isdecimal, text.split("."))]
    low = _padded(given)
    ends: dict[str, Callable[[], Range]] = {
        "=": lambda: (low, _above(given, len(given))),
        "^": lambda: (low, _above(given, _first_that_counts(given))),
        "~": lambda: (low, _above(given, min(len(given), 2))),
        "~>": lambda: (low, _above(given, min(len(given), 2))),
        ">=": lambda: (low, ENDLESS),
        ">": lambda: (_above(given, len(given)), ENDLESS),
        "<=": lambda: ((0, 0, 0), _above(given, len(given))),
        "<": lambda: ((0, 0, 0), low),
    }
    return ends[operator]()


def _first_that_counts(given: list[int]) -> int:
    """How many numbers the caret keeps: up to the first that is not 0."""
    return next((index + 1 for index, number in enumerate(given) if number), len(given))


def _above(given: list[int], kept: int) -> Version:
    """The lowest version above all that begin with the first `kept` numbers."""
    return _padded([*given[: kept - 1], given[kept - 1] + 1]) if kept else ENDLESS


def _padded(given: list[int]) -> Version:
    first, second, third = (*given, 0, 0, 0)[:3]
    return first, second, third
