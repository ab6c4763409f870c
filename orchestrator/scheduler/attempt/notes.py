"""What an attempt's task says about its run: the newest is stored, and not too often."""

from __future__ import annotations

import logging
from typing import Final

from orchestrator.core.runs.annotations import Annotations, Progress, with_said
from orchestrator.scheduler.attempt.run import AttemptRun
from orchestrator.scheduler.context import Context
from orchestrator_runtime import wire

log = logging.getLogger(__name__)

_INTERVAL_MS: Final = 250
"""Shims send one a second; who sends more costs the store no more than this."""


class Notes:
    """Of one attempt, which alone writes them while it is under way."""

    def __init__(self, context: Context, run: AttemptRun) -> None:
        self._context = context
        self._run = run
        self._known: Annotations | None = None
        self._newest: wire.Annotation | None = None
        self._stored_at_ms: int | None = None

    async def keep(self, frame: wire.Annotation) -> None:
        """Store it now, or with the next one, or before the attempt ends: each frame has all that was said before."""
        self._newest = frame
        if self._stored_at_ms is None or self._context.now_ms() >= self._stored_at_ms + _INTERVAL_MS:
            await self.flush()

    async def flush(self) -> None:
        """Store what was not stored yet; nothing of an attempt that is over."""
        if self._newest is None or self._run.is_over:
            return
        frame, now_ms = self._newest, self._context.now_ms()
        if self._known is None:
            self._known = (await self._context.runs.get_stored(self._run.known.id)).annotations
        said, refused = with_said(self._known, frame.tags, frame.metadata, self._progress(frame, now_ms))
        if refused:
            log.debug("of what run %s says was refused: %s", self._run.known.id, "; ".join(refused))
        if said == self._known or await self._context.runs.annotate(self._run.known, self._known, said):
            self._known = said
        self._newest, self._stored_at_ms = None, now_ms

    def _progress(self, frame: wire.Annotation, now_ms: int) -> Progress | None:
        if frame.fraction is None and frame.message is None:
            return None
        fraction = None if frame.fraction is None else min(1.0, max(0.0, frame.fraction))
        message = (frame.message or "")[: wire.PROGRESS_LIMIT_CHARS]
        before = self._known.progress_of(self._run.attempt) if self._known else None
        if before and (before.fraction, before.message) == (fraction, message):
            return before
        return Progress(fraction, message, self._run.attempt, now_ms)
