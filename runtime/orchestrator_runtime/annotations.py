"""What a task says about its run: tags, metadata and progress; however often it says something, it is sent once a second.

Each frame has all that was said, so the newest one is enough, and a reconnect repeats it like every other frame.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from orchestrator_runtime import json_text, wire
from orchestrator_runtime.link import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    class Post(Protocol):
        """The link, as far as it matters here."""

        def post(self, key: str, frame: bytes) -> None:
            """Send a frame, which replaces an earlier one of the same key."""


INTERVAL_S: Final = 1.0


class Annotations:
    """Of the one run of this process."""

    def __init__(
        self,
        link: Post,
        *,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], None] | None = None,
    ) -> None:
        """`later` does something after so many seconds, in whatever thread."""
        self._link = link
        self._later = later or _later
        self._clock = clock
        self._lock = threading.RLock()
        self._said = wire.Annotation([], {})
        self._is_news = False
        self._is_timer_set = False
        self._is_explicit = False
        self._sent_at_s: float | None = None
        self._pid = os.getpid()

    def add(self, tags: Sequence[str], metadata: Mapping[str, Any], progress: tuple[float | None, str] | None) -> None:
        """Say it now, or with what else is said within the second. Raises TypeError or ValueError, and then keeps nothing of it.

        A forked process has no voice of its own: what it says is dropped.
        """
        with self._lock:
            self._is_explicit = self._is_explicit or progress is not None
            self._add(tags, metadata, progress)

    def _add(self, tags: Sequence[str], metadata: Mapping[str, Any], progress: tuple[float | None, str] | None) -> None:
        if os.getpid() != self._pid:
            return
        with self._lock:
            said = self._said._replace(
                tags=list(dict.fromkeys([*self._said.tags, *tags])), metadata={**self._said.metadata, **metadata}
            )
            if progress is not None:
                said = said._replace(fraction=_fraction(progress[0]), message=_message(progress[1]))
            if said == self._said:
                return
            check(said)
            self._said, self._is_news = said, True
            wait_s = 0.0 if self._sent_at_s is None else self._sent_at_s + INTERVAL_S - self._clock()
            if wait_s <= 0:
                self.flush()
            elif not self._is_timer_set:
                self._is_timer_set = True
                self._later(wait_s, self._at_last)

    def line(self, text: str) -> None:
        """The state of a line that is being written over is the progress of a task that says no other."""
        with self._lock:
            if not self._is_explicit:
                self._add([], {}, (None, text))

    def flush(self) -> None:
        """Send what was not sent yet."""
        with self._lock:
            if self._is_news and os.getpid() == self._pid:
                self._is_news, self._sent_at_s = False, self._clock()
                self._link.post("annotate", encode(self._said))

    def _at_last(self) -> None:
        with self._lock:
            self._is_timer_set = False
            self.flush()


def _later(seconds: float, action: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


def check(said: wire.Annotation) -> None:
    """Raise TypeError or ValueError for what the orchestrator would not keep."""
    if len(said.tags) > wire.TAGS_LIMIT:
        raise ValueError(f"a run has at most {wire.TAGS_LIMIT} tags, and this would be the {len(said.tags)}th")
    for tag in said.tags:
        if not isinstance(tag, str):
            raise TypeError(f"a tag is a text, and not {tag!r}")
        if not 0 < len(tag) <= wire.TAG_LIMIT_CHARS or not tag.isprintable():
            raise ValueError(f"a tag is 1 to {wire.TAG_LIMIT_CHARS} printable characters, and not {tag[:80]!r}")
    kept = {key: value for key, value in said.metadata.items() if value is not None}
    for key in said.metadata:
        if not isinstance(key, str):
            raise TypeError(f"a key of metadata is a text, and not {key!r}")
        if not 0 < len(key) <= wire.METADATA_KEY_LIMIT_CHARS or not key.isprintable():
            limit = f"1 to {wire.METADATA_KEY_LIMIT_CHARS} printable characters"
            raise ValueError(f"a key of metadata is {limit}, and not {key[:80]!r}")
    if len(kept) > wire.METADATA_KEYS_LIMIT:
        raise ValueError(f"metadata has at most {wire.METADATA_KEYS_LIMIT} keys, and this would be {len(kept)}")
    size_bytes = len(json_text.encode(kept))
    if size_bytes > wire.METADATA_LIMIT_BYTES:
        limit = f"{wire.METADATA_LIMIT_BYTES} bytes of JSON together"
        raise ValueError(f"metadata is at most {limit}, and this would be {size_bytes}")


def _fraction(given: float | None) -> float | None:
    """From 0 to 1; of what is outside, and of what is no number, the nearest, for no task ends for its progress."""
    return None if given is None else min(1.0, max(0.0, float(given)))


def _message(given: str) -> str:
    return json_text.valid(str(given))[: wire.PROGRESS_LIMIT_CHARS]
