"""From a repo's files to an image that can be run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orchestrator.builder.image.base import base_for
from orchestrator.builder.image.context import prepare
from orchestrator.builder.image_retention import ImageRetention
from orchestrator.builder.sources import Sources
from orchestrator.builder.temporary import temporary_folder
from orchestrator.builder.worker import client as worker
from orchestrator.builder.worker.protocol import Limits, Order
from orchestrator.core.network import EVERYWHERE, Reach
from orchestrator.core.tasks import DEFAULT_WARM, Warm
from orchestrator.core.workflow import Version
from orchestrator.engine.base import Engine, Log

_VERSIONS: Final = ("PYTHON_VERSION", "NODE_VERSION")
_PREFIX: Final = "orchestrator-context-"


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The image to learn the tasks of: its id, what starts in it, the variables it runs with, for hints the file that
    its dependencies come from, the digest of its packed source, what the repo says of starting ahead and where its runs may go."""

    image: str
    entry_point: str
    env: Mapping[str, str]
    dependency_source: str | None = None
    archive_digest: str = ""
    warm: Warm = DEFAULT_WARM
    network: Reach = EVERYWHERE


class ImageBuilder:
    """Builds the images of versions; what it built is kept until its version goes."""

    def __init__(
        self,
        engine: Engine,
        images: ImageRetention,
        sources: Sources,
        *,
        timeout_s: float,
        limits: Limits | None = None,
    ) -> None:
        """`timeout_s` is for the engine's part, `limits` are for reading the repo."""
        self._engine = engine
        self._images = images
        self._sources = sources
        self._timeout_s = timeout_s
        self._limits = limits or Limits()

    async def build(self, version: Version, archive: bytes | None, log: Log) -> BuiltImage:
        """The image of the version's source: what is packed in `archive`, else its repo's.

        Raises BadSource, BuildFailed, EngineError. Cancelling ends what runs.
        """
        async with temporary_folder(_PREFIX) as folder:
            context = folder / "context"
            await asyncio.to_thread(context.mkdir)
            order = await self._order(version, archive, folder, context)
            prepared = await worker.prepare(order, log)
            digest = await self._sources.keep(order.archive)
            for note in prepared.project.notes:
                await log(note)
            base = await base_for(self._engine, prepared.project.python, log)
            plan = await asyncio.to_thread(prepare, prepared.project, context, base.tag, version.workflow_id)
            image = await self._engine.build(plan.image, context, log, timeout_s=self._timeout_s)
            await self._images.keep(image)
        warm, network = prepared.project.warm, prepared.project.network
        return BuiltImage(image, plan.entry_point, version.env, plan.image.dependency_source, digest, warm, network)

    async def _order(self, version: Version, archive: bytes | None, folder: Path, context: Path) -> Order:
        path = folder / "archive.tar.gz"
        if archive is not None:
            await asyncio.to_thread(path.write_bytes, archive)
        return Order(
            archive=path,
            context_dir=context,
            source=version.source if archive is None else None,
            commit=version.commit,
            start_command=version.start_command or version.entry_point,  # older releases stored both as one
            build_command=version.source.build_command if version.source else "",
            root_dir=(version.source.root_dir or "") if version.source else "",
            environment={name: version.env[name] for name in _VERSIONS if name in version.env},
            limits=self._limits,
        )
