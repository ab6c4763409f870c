"""Which version of the official package of TypeScript fits a repo's tasks, and whether package.json lets it be installed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk.generation import Finding, Generation
from orchestrator.builder.official_sdk.typescript import OFFICIAL

Version = tuple[int, int, int]

_RELEASED: Final[tuple[Version, ...]] = (
    *((0, 2, 1), (0, 3, 0), (0, 4, 0), (0, 4, 1), (0, 5, 0), (0, 5, 1), (0, 6, 0), (0, 7, 0)),
    (1, 0, 0),
)
_LATER: Final[tuple[Version, ...]] = ((1, 1_000, 0), (1_000, 0, 0))
"""Stand for all that are released after this was written."""
_CONTEXT_SINCE: Final[Version] = (1, 0, 0)
_ENDLESS: Final[Version] = (1_000_000, 0, 0)
_HYPHEN: Final = re.compile(r"(\S+)\s+-\s+(\S+)")
_COMPARATOR: Final = re.compile(
    r"(\^|~>?|>=|<=|>|<|=)?\s*v?((?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2})(?:[-+][\w.+-]*)?(?=\s|$)\s*"
)

Range = tuple[Version, Version]
"""From the first, below the second."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a deploy does about it: `version` is installed in place of what is required, None for just that."""

    version: str | None = None
    notes: tuple[str, ...] = ()


def choose(finding: Finding, required: str | None, locked: str | None, lock: str) -> Choice:
    """The version for the generation that was found; `locked` is that of the file `lock`. Raises BadSource where there is none.

    `required` is what package.json says. Where it says nothing our own package answers, which runs both generations.
    """
    admitted = _admitted(required) if required is not None else None
    if admitted is None or not finding.signs:
        return Choice()
    if finding.generation is None or not finding.is_certain:
        return Choice(notes=finding.notes)
    fits = _is_called if finding.generation is Generation.CALLED else _is_context
    fitting = [version for version in admitted if fits(version)]
    if not fitting:
        raise BadSource(_refusal(finding, required or ""))
    pinned = _version(locked)
    if fits(pinned or max(admitted)):
        return Choice(notes=finding.notes)
    known = [version for version in fitting if version in _RELEASED]
    if not known:
        return Choice(notes=finding.notes)
    version = ".".join(map(str, max(known)))
    because = f": {lock} has {locked}, which they would not run on" if pinned else ""
    return Choice(version, (*finding.notes, f"{OFFICIAL} {version} is installed, because {finding.sign}{because}"))


def _is_called(version: Version) -> bool:
    return version < _CONTEXT_SINCE


def _is_context(version: Version) -> bool:
    return version >= _CONTEXT_SINCE


def _refusal(finding: Finding, required: str) -> str:
    is_context = finding.generation is Generation.CONTEXT
    form, remedy = ("1.0 and later", "^1.0.0") if is_context else ("versions before 1.0", "^0.7.0")
    asked = f"package.json asks for {OFFICIAL} {required}"
    return f'{asked}, and {finding.sign}, which is the form of {form}: write "{remedy}" in its place'


def _admitted(required: str) -> list[Version] | None:
    """The versions that a requirement admits; None for what is no range: an address, a tag, another package."""
    if required.strip() in ("", "latest"):
        return [*_RELEASED, *_LATER]
    alternatives = [_comparators(one) for one in required.split("||")]
    if any(one is None for one in alternatives):
        return None
    all_of = [ranges for ranges in alternatives if ranges is not None]
    named = [low for ranges in all_of for low, _ in ranges]
    known = sorted({*_RELEASED, *_LATER, *named})
    return [one for one in known if any(all(low <= one < high for low, high in ranges) for ranges in all_of)]


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
        ">=": lambda: (low, _ENDLESS),
        ">": lambda: (_above(given, len(given)), _ENDLESS),
        "<=": lambda: ((0, 0, 0), _above(given, len(given))),
        "<": lambda: ((0, 0, 0), low),
    }
    return ends[operator]()


def _first_that_counts(given: list[int]) -> int:
    """How many numbers the caret keeps: up to the first that is not 0."""
    return next((index + 1 for index, number in enumerate(given) if number), len(given))


def _above(given: list[int], kept: int) -> Version:
    """The lowest version above all that begin with the first `kept` numbers."""
    return _padded([*given[: kept - 1], given[kept - 1] + 1]) if kept else _ENDLESS


def _padded(given: list[int]) -> Version:
    first, second, third = (*given, 0, 0, 0)[:3]
    return first, second, third


def _version(text: str | None) -> Version | None:
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", text or "")
    return (int(found[1]), int(found[2]), int(found[3])) if found else None
