"""What has been kept for long enough.

Rule 1: only whole trees of runs go, once every run in them has ended, and not within `LEAST_MS` of that: somebody may be about
        to read.
Rule 2: a tree goes when it is too old; the oldest go when there are too many finished runs, or when they take too much memory.
Rule 3: a version goes when it does not serve, is not being built, is not among the newest, and no unfinished run needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.plans import format_bytes
from orchestrator.core.workflow import TERMINAL, Version, Workflow

LEAST_MS: Final = 60_000

_DAY_MS: Final = 24 * 3600 * 1000


_NO_LIMIT: Final = "no limit"


def _limit(count: int, in_words: Callable[[int], str]) -> str:
    return in_words(count) if count else _NO_LIMIT


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How much is kept; 0 is no limit. Without a word about memory, it is half of what the store may hold."""

    runs_days: float = 0
    runs: int = 0
    memory_bytes: int | None = None
    versions: int = 0

    def __str__(self) -> str:
        limits = [
            f"for {self.runs_days:g} days" if self.runs_days else "",
            f"at most {self.runs:,} of them" if self.runs else "",
        ]
        return f"finished runs are kept {', '.join(limit for limit in limits if limit) or 'for ever'}"

    def in_words(self) -> dict[str, str]:
        """Each limit by what it is of."""
        memory = (
            "half of what the store may hold" if self.memory_bytes is None else _limit(self.memory_bytes, format_bytes)
        )
        return {
            "age of finished runs": f"{self.runs_days:g} days" if self.runs_days else _NO_LIMIT,
            "finished runs": _limit(self.runs, "{:,}".format),
            "memory": memory,
            "versions of a workflow": _limit(self.versions, "{:,}".format),
        }


@dataclass(frozen=True, slots=True)
class FinishedTree:
    """A root and its descendants, all of which have ended; `runs` counts them all."""

    root_id: str
    finished_at_ms: int
    runs: int


@dataclass(frozen=True, slots=True)
class Held:
    """What the store holds now: runs that have ended, whether or not their tree has, and memory for everything.

    `memory_limit_bytes` is where it refuses to hold more, 0 if nowhere.
    """

    finished_runs: int
    memory_bytes: int
    memory_limit_bytes: int = 0

    def __str__(self) -> str:
        limit = f" of {format_bytes(self.memory_limit_bytes)}" if self.memory_limit_bytes else ""
        return f"{self.finished_runs:,} finished runs; the store uses {format_bytes(self.memory_bytes)}{limit}"

    def is_above(self, keep: RetentionPolicy) -> bool:
        """Whether it is more memory than should be."""
        limit_bytes = self.memory_limit_bytes // 2 if keep.memory_bytes is None else keep.memory_bytes
        return 0 < limit_bytes < self.memory_bytes


def outdated_trees(
    oldest: Sequence[FinishedTree], held: Held, keep: RetentionPolicy, *, now_ms: int
) -> list[FinishedTree]:
    """Those of the oldest finished trees, given oldest first, that go now.

    What they free is known only afterwards: while memory is short, all that are given go, so give few and ask again.
    """
    excess = held.finished_runs - keep.runs if keep.runs else 0
    is_short = held.is_above(keep)
    outdated: list[FinishedTree] = []
    for tree in oldest:
        age_ms = now_ms - tree.finished_at_ms
        is_old = 0 < keep.runs_days * _DAY_MS <= age_ms
        if age_ms < LEAST_MS or not (is_old or excess > 0 or is_short):
            break
        outdated.append(tree)
        excess -= tree.runs
    return outdated


def outdated_versions(workflow: Workflow, versions: Sequence[Version], keep: RetentionPolicy) -> list[Version]:
    """Those of the workflow's versions that go, if no unfinished run needs them; the newest `keep.versions` stay."""
    if not keep.versions:
        return []
    newest_first = sorted(versions, key=lambda version: version.number, reverse=True)
    return [
        version
        for version in newest_first[keep.versions :]
        if version.status in TERMINAL and version.id != workflow.version_id
    ]
