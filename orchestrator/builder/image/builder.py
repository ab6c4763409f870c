"""From a repo's files to an image that can be run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from orchestrator.builder.detect.dockerfile import Dockerfile
from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import Project
from orchestrator.builder.errors import BadSource
from orchestrator.builder.image import build_hints, own_dockerfile
from orchestrator.builder.image.base import base_for
from orchestrator.builder.image.context import prepare, prepare_fitted, runtime_stamp
from orchestrator.builder.image.plan import CONTEXT_APP
from orchestrator.builder.image.recent import Recent
from orchestrator.builder.image.room import within_room
from orchestrator.builder.image_retention import ImageRetention
from orchestrator.builder.sources import Sources, digest_of
from orchestrator.builder.temporary import temporary_folder
from orchestrator.builder.worker import client as worker
from orchestrator.builder.worker.protocol import Limits, Order
from orchestrator.core.container.network import EVERYWHERE, Reach
from orchestrator.core.scheduling.capacity import UNBOUNDED
from orchestrator.core.tasks import DEFAULT_WARM, Warm
from orchestrator.core.workflow import Version
from orchestrator.engine.base import THERE_ALREADY, BuildFailed, Engine, ImageMissing, Log

_VERSIONS: Final = ("PYTHON_VERSION", "NODE_VERSION")
_PREFIX: Final = "orchestrator-context-"
T = TypeVar("T")

Packed: TypeAlias = Callable[[Path], Awaitable[None]]
"""Writes the packed source of a version to a new file. Raises BadSource."""


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The image to learn the tasks of: its id, what starts in it, and the variables it runs with.

    For hints the file that its dependencies come from, what `adds` one for Node, and its own modules; then the digest of its packed
    source, what the repo says of starting ahead and of where its runs may go, the variables that get a random value, where in a
    registry it is, and whether its repo names an SDK.
    """

    image: str
    entry_point: str
    env: Mapping[str, str]
    dependency_source: str | None = None
    archive_digest: str = ""
    warm: Warm = DEFAULT_WARM
    network: Reach = EVERYWHERE
    generated: tuple[str, ...] = ()
    own_modules: tuple[str, ...] = ()
    pushed: str = ""
    adds: str = "npm install"
    names_sdk: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    """What a source is, what was made of it, and what was noted."""

    project: Project
    made: BuiltImage
    notes: tuple[str, ...]


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
        free_bytes: Callable[[], int] = lambda: UNBOUNDED,
    ) -> None:
        """`timeout_s` is for the engine's part, `limits` are for reading the repo; below 0 `free_bytes` ends a build."""
        self._engine = engine
        self._images = images
        self._sources = sources
        self._timeout_s = timeout_s
        self._limits = limits or Limits()
        self._free_bytes = free_bytes
        self._recent: Recent[_Known] = Recent()

    async def build(self, version: Version, packed: Packed | None, log: Log) -> BuiltImage:
        """The image of the version's source: what is `packed`, else its repo's.

        Raises BadSource, BuildFailed, EngineError. Cancelling ends what runs.
        """
        async with temporary_folder(_PREFIX) as folder:
            order = await self._order(version, packed, folder)
            known = await self._known(order, version, log) if packed else None
            known = known or await self._read_and_built(order, version, log)
        project = known.project
        pushed = await self._pushed(known.made.image, version, log)
        env = {**known.made.env, **project.variables.values, **version.env}
        generated = tuple(name for name in project.variables.generated if name not in env)
        return replace(
            known.made,
            env=env,
            warm=project.warm,
            network=project.network,
            generated=generated,
            own_modules=project.own_modules,
            pushed=pushed,
            names_sdk=project.names_sdk,
        )

    async def _known(self, order: Order, version: Version, log: Log) -> _Known | None:
        """What was made of the same source with the same options, if its image is still there."""
        known = self._recent[await self._inputs(order, version)]
        if known is None:
            return None
        try:
            await self._images.keep(known.made.image)
        except ImageMissing:
            return None
        for note in known.notes:
            await log(note)
        known.project.variables.check(version.env)
        await log(THERE_ALREADY)
        await self._sources.keep(order.archive)
        return known

    async def _read_and_built(self, order: Order, version: Version, log: Log) -> _Known:
        await asyncio.to_thread(order.context_dir.mkdir)
        prepared = await worker.prepare(order, log)
        digest = await self._sources.keep(order.archive)
        project = prepared.project
        for note in project.notes:
            await log(note)
        if project.doubt:  # nobody waits for its packages to learn that
            raise BadSource(project.doubt)
        project.variables.check(version.env)
        async with within_room(self._free_bytes):
            made, more = await _hinting(self._made(project, version, order.context_dir, log))
        await self._images.keep(made.image)
        known = _Known(project, replace(made, archive_digest=digest), (*project.notes, *more))
        if not project.dockerfile:  # what that asks the network for may be newer next time
            self._recent[await self._inputs(order, version)] = known
        return known

    async def _inputs(self, order: Order, version: Version) -> Hashable:
        """All that the image is made of."""
        digest, runtime = await asyncio.to_thread(lambda: (digest_of(order.archive), runtime_stamp()))
        variables = (tuple(sorted(given.items())) for given in (order.environment, version.inputs.env))
        return version.workflow_id, digest, runtime, order.asked, *variables, frozenset(version.inputs.secrets)

    async def pull(self, version: Version, log: Log) -> bool:
        """Whether the image of a version that was pushed could be had from its registry; then it is kept."""
        if not version.pushed:
            return False
        try:
            image = await self._engine.pull_image(version.pushed, log)
        except BuildFailed as failed:
            await log(str(failed))
            return False
        await self._images.keep(image)
        await self._engine.forget_image(version.pushed)
        return image == version.image

    async def _pushed(self, image: str, version: Version, log: Log) -> str:
        repository = version.source.push if version.source else ""
        if not repository:
            return ""
        await log(f"pushing the image to {repository}")
        return await self._engine.push_image(image, f"{repository}:{version.id}", log)

    async def _made(
        self, project: Project, version: Version, context: Path, log: Log
    ) -> tuple[BuiltImage, tuple[str, ...]]:
        """The image alone, and what it says of itself; then what was to be noted of its base."""
        owner = version.workflow_id
        if project.dockerfile:
            return await self._made_by(project.dockerfile, project, version, context, log), ()
        base = await base_for(self._engine, project.python, log)
        note = project.python.note(base.python)
        plan = await asyncio.to_thread(prepare, project, context, base, owner, version.inputs)
        image = await self._engine.build(plan.image, context, log, timeout_s=self._timeout_s)
        manager = project.node and project.node.manager
        built = BuiltImage(image, plan.entry_point, {}, plan.image.dependency_source)
        return replace(built, adds=manager.adds) if manager else built, (note,) if note else ()

    async def _made_by(
        self, dockerfile: Dockerfile, project: Project, version: Version, context: Path, log: Log
    ) -> BuiltImage:
        """By the repo's own Dockerfile, and ours on top; the name of the first is only there meanwhile."""
        theirs = own_dockerfile.theirs(dockerfile, project.digest, version.workflow_id, version.inputs)
        try:
            await self._engine.build(theirs, context / CONTEXT_APP, log, timeout_s=self._timeout_s)
            config = await self._engine.image_config(theirs.tag)
            entry_point = own_dockerfile.start_command(project.entry_point, config, dockerfile.path)
            fitted = await asyncio.to_thread(prepare_fitted, config, theirs.tag, context)
            image = await self._engine.build(fitted, context, log, timeout_s=self._timeout_s)
        finally:
            await self._engine.forget_image(theirs.tag)
        return BuiltImage(image, entry_point, own_dockerfile.environment(config), dockerfile.path)

    async def _order(self, version: Version, packed: Packed | None, folder: Path) -> Order:
        path = folder / "archive.tar.gz"
        if packed is not None:
            await packed(path)
        return Order(
            archive=path,
            context_dir=folder / "context",
            source=version.source if packed is None else None,
            commit=version.commit,
            asked=_asked(version),
            environment={name: version.env[name] for name in _VERSIONS if name in version.env},
            limits=self._limits,
        )


def _asked(version: Version) -> Options:
    start_command = (version.start_command or version.entry_point).strip()  # older releases stored both as one
    source = version.source
    if source is None:
        return Options(start_command)
    return Options(
        start_command,
        source.build_command.strip(),
        source.root_dir or "",
        source.apt,
        source.dockerfile,
        source.network,
    )


async def _hinting(building: Awaitable[T]) -> T:
    try:
        return await building
    except BuildFailed as failed:
        if hint := build_hints.hint_for(str(failed)):
            raise BuildFailed(f"{failed}\n{hint}") from failed
        raise
