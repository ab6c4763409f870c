"""From a repo's files to an image that can be run."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orchestrator.builder.detect.project import detect
from orchestrator.builder.detect.python_version import wanted
from orchestrator.builder.image.base import base_for
from orchestrator.builder.image.context import add_repo, prepare
from orchestrator.builder.image_retention import ImageRetention
from orchestrator.core.workflow import Version
from orchestrator.engine.base import Engine, Log

_PREFIX: Final = "orchestrator-context-"


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The image to learn the tasks of: its id, what starts in it, the variables it runs with, and for hints the file that
    its dependencies come from."""

    image: str
    entry_point: str
    env: Mapping[str, str]
    dependency_source: str | None = None


class ImageBuilder:
    """Builds the images of versions, one call after the other; what it built is kept until its version goes."""

    def __init__(self, engine: Engine, images: ImageRetention, *, timeout_s: float) -> None:
        self._engine = engine
        self._images = images
        self._timeout_s = timeout_s

    async def build(self, version: Version, archive: bytes, log: Log) -> BuiltImage:
        """The image of the version's source, packed in `archive`. Raises BadSource, BuildFailed, EngineError."""
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as context:
            repo = await asyncio.to_thread(add_repo, archive, Path(context))
            build_command = version.source.build_command if version.source else None
            start_command = version.start_command or version.entry_point  # older releases stored both as one
            project = await asyncio.to_thread(detect, repo, start_command or None, build_command)
            for note in project.notes:
                await log(note)
            base = await base_for(self._engine, wanted(project.tree, version.env), log)
            plan = await asyncio.to_thread(prepare, project, Path(context), base.tag)
            image = await self._engine.build(plan.image, Path(context), log, timeout_s=self._timeout_s)
            await self._images.keep(image)
        return BuiltImage(image, plan.entry_point, version.env, plan.image.dependency_source)
