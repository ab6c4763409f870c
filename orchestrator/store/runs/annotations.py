"""What is said about runs, kept beside their documents: read with them, and written without changing their state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from orchestrator.core.runs.annotations import NOTHING_SAID, Annotations, Progress
from orchestrator.core.runs.run import Run
from orchestrator.store import keys
from orchestrator.store.keys import Key
from orchestrator_runtime import json_text

FIELDS: Final = ("tags", "metadata", "progress")
"""Of a run's hash, in the order in which `load` takes them."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """A run with what is said about it."""

    run: Run
    annotations: Annotations = NOTHING_SAID


def load(tags: str | None, metadata: str | None, progress: str | None) -> Annotations:
    """What the fields hold."""
    if tags is None and metadata is None and progress is None:
        return NOTHING_SAID
    return Annotations(
        tuple(json.loads(tags or "[]")),
        json.loads(metadata or "{}"),
        Progress(*json.loads(progress)) if progress else None,
    )


def tags_text(said: Annotations) -> str | None:
    """The field for tags; None when there are none, and have been none."""
    return json_text.dumps(list(said.tags)) if said.tags else None


def metadata_text(said: Annotations) -> str | None:
    """The field for metadata."""
    return json_text.dumps(dict(said.metadata))


def progress_text(progress: Progress) -> str:
    """The field for progress."""
    return json_text.dumps([progress.fraction, progress.message, progress.attempt, progress.at_ms])


def indexes(said: Annotations) -> list[Key]:
    """The indexes by tag that the run belongs in."""
    return [keys.tagged(tag) for tag in said.tags]
