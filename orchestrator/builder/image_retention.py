"""The images that versions need, and the sources to build them again; no others."""

from __future__ import annotations

import time
from contextlib import suppress

from orchestrator.builder.sources import Sources
from orchestrator.engine.base import Engine, ImageMissing
from orchestrator.store.workflows.store import WorkflowStore


class ImageRetention:
    """Keeps images for as long as there are versions of them; to be used by one coroutine.

    A version is there for as long as it serves or an unfinished run needs it, and so is its image.
    """

    def __init__(self, engine: Engine, workflows: WorkflowStore, sources: Sources, *, interval_s: float) -> None:
        self._engine = engine
        self._workflows = workflows
        self._sources = sources
        self._interval_s = interval_s
        self._cleared_at_s = 0.0

    async def keep(self, image: str) -> None:
        """Keep the image, before the version that needs it is stored."""
        await self._engine.keep_image(image)

    async def clear(self) -> None:
        """Let go of what no version needs, if it is time to; only while nothing is built, for that has no version yet."""
        if time.monotonic() - self._cleared_at_s < self._interval_s:
            return
        self._cleared_at_s = time.monotonic()
        kept = await self._engine.kept_images()
        versions = await self._workflows.versions()
        needed = {version.image for version in versions if version.image}
        for image in kept - needed:
            await self._engine.release_image(image)
        for image in needed - kept:
            with suppress(ImageMissing):
                await self._engine.keep_image(image)
        await self._sources.clear({version.archive_digest for version in versions})
