"""The base of a repo's image: whichever of the engine's has the Python that the repo wants."""

from __future__ import annotations

from orchestrator.builder.detect.python_version import PythonWish
from orchestrator.core.image import BaseImage
from orchestrator.engine.base import Engine, Log


async def base_for(engine: Engine, wish: PythonWish, log: Log) -> BaseImage:
    """The base image; another is looked for only when the first does not do. Raises BuildFailed, BadSource."""
    base = await engine.base_image(log)
    if not wish.is_met_by(base.python):
        base = await engine.base_image(log, wish.candidates())
    if note := wish.note(base.python):
        await log(note)
    return base
