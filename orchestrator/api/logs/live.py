"""Lines that are begun and not ended, told to those who follow a log and want that: a progress bar's newline may be far off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol

from orchestrator.api.responses import encode
from orchestrator.api.schemas import logs
from orchestrator.core.logs import Stream, Unfinished


class LiveLines(Protocol):
    """Looks at what containers print while somebody watches."""

    def watch(
        self, channel_id: str, on_change: Callable[[], None]
    ) -> AbstractContextManager[Callable[[], Unfinished]]: ...


class Watching:
    """One follower's view of the container whose log it has read to where that is now."""

    def __init__(self, live: LiveLines | None, on_change: Callable[[], None]) -> None:
        """Nothing is told where `live` is None."""
        self._live = live
        self._on_change = on_change
        self._channel_id = ""
        self._opened = ExitStack()
        self._lines: Callable[[], Unfinished] = dict
        self._told: Unfinished = {}

    def events(self, channel_id: str, attempt: int, *, has_lines: bool) -> str:
        """What is new, after the lines of the log if it `has_lines`: at these a client forgets what it was told before."""
        self._turn_to(channel_id)
        told = {} if has_lines else self._told
        self._told = now = self._lines()
        ended = dict.fromkeys((stream for stream in told if stream not in now), "")
        changed = {stream: text for stream, text in {**ended, **now}.items() if told.get(stream) != text}
        return "".join(_event(attempt, stream, text) for stream, text in changed.items())

    def close(self) -> None:
        """Watch nothing."""
        self._turn_to("")

    def _turn_to(self, channel_id: str) -> None:
        if self._live is None or channel_id == self._channel_id:
            return
        self._opened.close()
        self._channel_id, self._lines, self._told = channel_id, dict, {}
        if channel_id:
            self._lines = self._opened.enter_context(self._live.watch(channel_id, self._on_change))


def _event(attempt: int, stream: Stream, text: str) -> str:
    """Without an id: nobody goes on after it."""
    data = encode(logs.LiveLine(attempt=attempt, stream=stream, message=text))
    return f"event: live\ndata: {data}\n\n"
