"""A version's way, step by step; what the loop around it does is in test_deploys.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.builder.errors import BadSource, RegistrationFailed
from orchestrator.builder.image.builder import BuiltImage, Packed
from orchestrator.builder.pipeline import Pipeline
from orchestrator.builder.sources import Sources
from orchestrator.core.tasks import TaskDraft, check
from orchestrator.core.workflow import Source, Version, VersionStatus
from orchestrator.engine.base import Log
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.lease import LeaseLost
from orchestrator.store.workflows.store import WorkflowStore
from tests.env_cipher import CIPHER

BUILT = BuiltImage("sha256:1", "main.py", {}, archive_digest="d1")


class StubBuilder:
    """Keeps the sources it was given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archives: list[bytes | None] = []
        self.built = BUILT

    async def build(self, version: Version, packed: Packed | None, log: Log) -> BuiltImage:
        if packed is not None:
            await packed(self.folder / "archive")
        self.archives.append((self.folder / "archive").read_bytes() if packed else None)
        return self.built

    async def pull(self, version: Version, log: Log) -> bool:
        return version.pushed == "registry.test/w@sha256:1"


class StubRegistrar:
    """Learns one task, or fails with `error`."""

    error: Exception | None = None

    async def register(self, built: BuiltImage, log: Log) -> tuple[TaskDraft, ...]:
        if self.error is not None:
            raise self.error
        return tuple(check([{"name": "answer"}]))


async def silent(line: str) -> None:
    """Logs nowhere."""


class Bench:
    """A pipeline of stubs over a real store."""

    def __init__(self, workflows: WorkflowStore, folder: Path) -> None:
        self.workflows, sources = workflows, Sources(folder / "sources", 0)
        self.builder, self.registrar = StubBuilder(folder), StubRegistrar()
        self.lease_error: Exception | None = None
        self.pipeline = Pipeline(workflows, self.builder, sources, self.registrar, lambda: 2, self._check_lease)

    def _check_lease(self) -> None:
        if self.lease_error is not None:
            raise self.lease_error

    async def version(self, source: Source, archive: bytes = b"packed") -> Version:
        workflow = await self.workflows.configure("w", source, "", {}, now_ms=1)
        return await self.workflows.queue_version(workflow, archive=archive, now_ms=1)


@pytest.fixture
async def bench(store: Client, redis_servers: tuple[str, str], tmp_path: Path) -> AsyncIterator[Bench]:
    binary = connect_binary(redis_servers[0])
    yield Bench(WorkflowStore(store, binary, CIPHER), tmp_path)
    await binary.aclose()


async def test_what_was_uploaded_is_built_and_serves(bench: Bench) -> None:
    version = await bench.version(Source("/src"))
    await bench.pipeline.run(version, silent)
    ready = await bench.workflows.version(version.id)
    assert bench.builder.archives == [b"packed"]
    assert (ready.status, ready.image, ready.archive_digest) == (VersionStatus.READY, "sha256:1", "d1")
    assert [task.name for task in ready.tasks] == ["answer"]


async def test_a_git_repo_is_left_to_the_builder(bench: Bench) -> None:
    await bench.pipeline.run(await bench.version(Source("https://example.com/r", is_git=True)), silent)
    assert bench.builder.archives == [None]


async def test_a_failure_leaves_the_step_that_was_stored(bench: Bench) -> None:
    version = await bench.version(Source("/src"))
    bench.registrar.error = RegistrationFailed("no tasks")
    with pytest.raises(RegistrationFailed):
        await bench.pipeline.run(version, silent)
    assert (await bench.workflows.version(version.id)).status is VersionStatus.REGISTERING


async def test_nothing_is_stored_without_the_lease(bench: Bench) -> None:
    version = await bench.version(Source("/src"))
    bench.lease_error = LeaseLost("another builds")
    with pytest.raises(LeaseLost):
        await bench.pipeline.run(version, silent)
    assert (await bench.workflows.version(version.id)).status is VersionStatus.CREATED


async def test_a_build_again_needs_the_source_or_a_commit(bench: Bench) -> None:
    version = await bench.version(Source("/src"))
    with pytest.raises(BadSource, match="deploy again"):
        await bench.pipeline.run_again(version, silent)
    assert bench.builder.archives == []


async def test_a_version_sees_what_its_repo_says_and_a_generated_value_stays(bench: Bench) -> None:
    bench.builder.built = replace(BUILT, env={"REGION": "oregon"}, generated=("SECRET",))
    versions = [await bench.version(Source("/src")) for _ in range(2)]
    for version in versions:
        await bench.pipeline.run(version, silent)
    first, second = [(await bench.workflows.version(version.id)).env for version in versions]
    assert (first["REGION"], len(first["SECRET"])) == ("oregon", 44)
    assert second == first
    assert (await bench.workflows.get("w")).env == {"SECRET": first["SECRET"]}


async def test_an_image_that_was_pushed_is_not_built_again(bench: Bench) -> None:
    bench.builder.built = replace(BUILT, pushed="registry.test/w@sha256:1")
    version = await bench.version(Source("/src"))
    await bench.pipeline.run(version, silent)
    await bench.pipeline.run_again(await bench.workflows.version(version.id), silent)
    assert bench.builder.archives == [b"packed"]
