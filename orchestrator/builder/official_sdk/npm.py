"""Which version of the official package of TypeScript fits a repo's tasks, and whether package.json lets it be installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from orchestrator.builder import semver
from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk.generation import Finding, Generation
from orchestrator.builder.official_sdk.typescript import OFFICIAL
from orchestrator.builder.semver import Version

_RELEASED: Final[tuple[Version, ...]] = (
    *((0, 2, 1), (0, 3, 0), (0, 4, 0), (0, 4, 1), (0, 5, 0), (0, 5, 1), (0, 6, 0), (0, 7, 0)),
    (1, 0, 0),
)
_LATER: Final[tuple[Version, ...]] = ((1, 1_000, 0), (1_000, 0, 0))
"""Stand for all that are released after this was written."""
_CONTEXT_SINCE: Final[Version] = (1, 0, 0)


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
    pinned = semver.version(locked)
    if fits(pinned or max(admitted)):
        return Choice(notes=finding.notes)
    known = [version for version in fitting if version in _RELEASED]
    if not known:
        return Choice(notes=finding.notes)
    version = ".".join(map(str, max(known)))
    because = f": {lock} has {locked}, which they would not run on" if pinned else ""
    return Choice(version, (*finding.notes, f"{OFFICIAL} {version} is installed, because {finding.sign}{because}"))


def takes_context(finding: Finding, required: str | None) -> bool | None:
    """Whether tasks take a context first, as the source says or else the requirement; None where each task has to tell."""
    if finding.is_certain:
        return None if finding.generation is None else finding.generation is Generation.CONTEXT
    admitted = _admitted(required) if required is not None else None
    kinds = {_is_context(version) for version in admitted or ()}
    return kinds.pop() if len(kinds) == 1 else None


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
    any_of = semver.alternatives(required)
    if any_of is None:
        return None
    named = [low for ranges in any_of for low, _ in ranges]
    known = sorted({*_RELEASED, *_LATER, *named})
    return [one for one in known if semver.admits(any_of, one)]
