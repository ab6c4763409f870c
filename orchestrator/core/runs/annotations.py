"""What people and tasks say about a run, beside what becomes of it: tags, metadata and progress.

They never decide anything. All of it is bounded, for it is read with every list of runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from orchestrator_runtime import json_text
from orchestrator_runtime.wire import (
    METADATA_KEY_LIMIT_CHARS,
    METADATA_KEYS_LIMIT,
    METADATA_LIMIT_BYTES,
    TAG_LIMIT_CHARS,
    TAGS_LIMIT,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an attempt says it is; `fraction` is from 0 to 1, None when it says no more than its message."""

    fraction: float | None
    message: str
    attempt: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Annotations:
    """`progress` is the newest, which may be of an earlier attempt; metadata's values are JSON."""

    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress | None = None

    def progress_of(self, attempt: int) -> Progress | None:
        """How far this attempt is: a new one begins from the start."""
        return self.progress if self.progress and self.progress.attempt == attempt else None


NOTHING_SAID: Final = Annotations()


def wrong_tags(tags: object) -> str | None:
    """What is wrong with a run's tags; None when they can be kept."""
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return "tags must be a list of texts"
    if len(set(tags)) > TAGS_LIMIT:
        return f"a run has at most {TAGS_LIMIT} tags, and {len(set(tags))} were given"
    for tag in tags:
        if not 0 < len(tag) <= TAG_LIMIT_CHARS or not tag.isprintable():
            return f"a tag is 1 to {TAG_LIMIT_CHARS} printable characters, and not {tag[:80]!r}"
    return None


def wrong_metadata(metadata: object) -> str | None:
    """What is wrong with a run's metadata; None when it can be kept."""
    if not isinstance(metadata, dict):
        return "metadata must be an object"
    if len(metadata) > METADATA_KEYS_LIMIT:
        return f"metadata has at most {METADATA_KEYS_LIMIT} keys, and {len(metadata)} were given"
    for key in metadata:
        if not 0 < len(key) <= METADATA_KEY_LIMIT_CHARS or not key.isprintable():
            return f"a key of metadata is 1 to {METADATA_KEY_LIMIT_CHARS} printable characters, and not {key[:80]!r}"
    try:
        size = len(json_text.encode(metadata))
    except ValueError as error:
        return f"metadata cannot be kept: {error}"
    if size > METADATA_LIMIT_BYTES:
        return f"metadata is at most {METADATA_LIMIT_BYTES:,} bytes of JSON together, and has {size:,}"
    return None


def with_said(
    known: Annotations, tags: Iterable[str], metadata: Mapping[str, Any], progress: Progress | None
) -> tuple[Annotations, list[str]]:
    """What is known with what a task has said now, and what of that was refused, in words; None takes a key away.

    Of tags and keys that are too many or wrong, the others are kept: a task does not fail for them.
    """
    kept_tags, kept, refused = list(known.tags), dict(known.metadata), list[str]()
    for tag in tags:
        if wrong := wrong_tags([*kept_tags, tag]):
            refused.append(wrong)
        elif tag not in kept_tags:
            kept_tags.append(tag)
    for key, value in metadata.items():
        changed = {name: one for name, one in kept.items() if name != key} | ({} if value is None else {key: value})
        if wrong := wrong_metadata(changed):
            refused.append(wrong)
        else:
            kept = changed
    return Annotations(tuple(kept_tags), kept, progress or known.progress), refused
