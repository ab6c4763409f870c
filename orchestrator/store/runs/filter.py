"""Which runs are wanted, and where they may be found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.core.runs.run import WIRE_STATUS, Run, Status
from orchestrator.store import ids, keys
from orchestrator.store.keys import Key
from orchestrator.store.runs import indexes

_AFTER_EVERY_ID: Final = "~"
_WITH_ERRORS: Final = frozenset({"failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Group:
    """Indexes that together hold every run that has what one field asks for, and `roots`, which are in none of their tree's."""

    keys: tuple[Key, ...]
    roots: frozenset[str] = frozenset()
    is_disjoint: bool = True
    """No run is in two of them."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Accepts runs whose values are in every field that is not empty.

    `id_prefix` is the beginning of an id, its kind included. Times are of creation: from `created_from_ms`, before
    `created_before_ms`. `text` is in the error, in whatever case.
    """

    root_ids: frozenset[str] = frozenset()
    task_ids: frozenset[str] = frozenset()
    version_ids: frozenset[str] = frozenset()
    workflow_ids: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    id_prefix: str = ""
    created_from_ms: int | None = None
    created_before_ms: int | None = None
    text: str = ""
    roots_only: bool = False

    def accepts(self, run: Run) -> bool:
        """Whether the run belongs in the list, as far as its document tells: its tags are known to the index alone."""
        pairs = (
            (self.root_ids, run.root_id),
            (self.task_ids, run.task_id),
            (self.version_ids, run.version_id),
            (self.workflow_ids, run.workflow_id),
            (self.statuses, run.status),
        )
        is_right = all(not wanted or value in wanted for wanted, value in pairs)
        return is_right and (not self.roots_only or run.id == run.root_id) and self._has_text(run)

    def _has_text(self, run: Run) -> bool:
        if not self.text:
            return True
        error = f"{run.failure.type}: {run.failure.message}" if run.failure else ""
        return self.text.casefold() in error.casefold()

    @property
    def words(self) -> frozenset[str]:
        """The statuses, on the wire, that it may accept."""
        wanted = frozenset(WIRE_STATUS[Status(status)] for status in self.statuses) or frozenset(indexes.WORDS)
        return wanted & _WITH_ERRORS if self.text else wanted

    def only(self, word: str) -> Filter:
        """The same of one status on the wire."""
        of_word = frozenset(status for status, its_word in WIRE_STATUS.items() if its_word == word)
        return replace(self, statuses=self.statuses & of_word or of_word)

    @property
    def bounds(self) -> tuple[str, str]:
        """The lowest id, and the one that all are below, as Redis takes them in a range."""
        lows = [self.id_prefix] if self.id_prefix else []
        highs = [f"{self.id_prefix}{_AFTER_EVERY_ID}"] if self.id_prefix else []
        if self.created_from_ms is not None:
            lows.append(ids.lowest(ids.RUN, self.created_from_ms))
        if self.created_before_ms is not None:
            highs.append(ids.lowest(ids.RUN, self.created_before_ms))
        return f"[{max(lows)}" if lows else "-", f"({min(highs)}" if highs else "+"

    def groups(self, *, are_roots_indexed: bool) -> list[Group]:
        """For each field given, where all candidates are; of any status but those wanted, none."""
        found = list(self._by_status(are_roots_indexed))
        if not found:  # tags are not told apart by status
            is_any = self.words == frozenset(indexes.WORDS)
            found = [] if self.tags and is_any else [Group(tuple(indexes.split(keys.RUNS, self.words)))]
        if self.tags:
            found.append(Group(tuple(map(keys.tagged, sorted(self.tags))), is_disjoint=len(self.tags) == 1))
        return found

    def _by_status(self, are_roots_indexed: bool) -> Iterator[Group]:
        kinds = (
            ("root", self.root_ids),
            ("task", self.task_ids),
            ("version", self.version_ids),
            ("workflow", self.workflow_ids),
        )
        for kind, wanted in kinds:
            if wanted:
                prefixes = [keys.runs_by(kind, of) for of in sorted(wanted)]
                split = tuple(key for prefix in prefixes for key in indexes.split(prefix, self.words))
                yield Group(split, wanted if kind == "root" else frozenset())
        if self.roots_only and are_roots_indexed:
            yield Group(tuple(indexes.split(keys.ROOTS, self.words)))
