"""The loop that builds: whatever is deployed, it goes on, and so does everybody else's deploy."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import subprocess
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.builder.deploys import Deploys
from orchestrator.builder.image.builder import BuiltImage, ImageBuilder, Packed
from orchestrator.builder.image_retention import ImageRetention
from orchestrator.builder.pipeline import Builder, Pipeline
from orchestrator.builder.sources import Sources
from orchestrator.builder.worker import client as worker
from orchestrator.core.tasks import TaskDraft, check
from orchestrator.core.workflow import Source, Version, VersionStatus
from orchestrator.engine.base import THERE_ALREADY, ImageMissing, Log
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.fake.process import FakeProcess
from orchestrator.store import keys
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.logs import Cursor, LogStore
from orchestrator.store.workflows.store import Unknown, WorkflowStore
from tests.env_cipher import CIPHER
from tests.wait import wait_until

pytestmark = pytest.mark.long

TERMINAL = (VersionStatus.READY, VersionStatus.BUILD_FAILED, VersionStatus.REGISTRATION_FAILED)


class StubRegistrar:
    """Registers one task; what starts `slow.py` waits to be let through."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.begun: list[str] = []

    async def register(self, built: BuiltImage, log: Log) -> tuple[TaskDraft, ...]:
        self.begun.append(built.entry_point)
        if built.entry_point == "slow.py":
            await self.is_open.wait()
        return tuple(check([{"name": "answer"}]))


class StubBuilder:
    """Reads no repo: what is packed as `SLOW` starts `slow.py`."""

    async def build(self, version: Version, packed: Packed | None, log: Log) -> BuiltImage:
        assert packed is not None
        with tempfile.NamedTemporaryFile() as file:
            await packed(Path(file.name))
            archive = file.read()
        return BuiltImage("sha256:1", "slow.py" if archive == SLOW else "main.py", version.env)

    async def pull(self, version: Version, log: Log) -> bool:
        return False


async def program(process: FakeProcess) -> int:
    return 0


class Loop:
    """The loop on the fake engine, and what a test does with it; its builder is a stub until `reads_repos`."""

    def __init__(self, store: Client, binary: Client, engine: FakeEngine, home: Path) -> None:
        self.engine = engine
        self.sources = Sources(home / "sources", 0)
        engine.build_as(program)
        self.workflows = WorkflowStore(store, binary, CIPHER)
        self.registrar = StubRegistrar()
        self.images = ImageRetention(self.engine, self.workflows, self.sources, interval_s=60)
        self.logs = LogStore(store)
        self.deploys = self.made_of(StubBuilder(), self.registrar)

    def reads_repos(self) -> None:
        """Build as `up` does: a process reads each repo."""
        self.deploys = self.made_of(ImageBuilder(self.engine, self.images, self.sources, timeout_s=60), self.registrar)

    def made_of(self, builder: Builder, registrar: StubRegistrar) -> Deploys:
        pipeline = Pipeline(self.workflows, builder, self.sources, registrar, lambda: time.time_ns() // 1_000_000)
        return Deploys(self.workflows, self.logs, pipeline, self.images, parallel=2)

    async def deploy(self, slug: str, archive: bytes, source: Source | None = None) -> Version:
        workflow = await self.workflows.configure(slug, source or Source("/src"), "", {}, now_ms=1)
        return await self.workflows.queue_version(workflow, archive=archive, now_ms=time.time_ns() // 1_000_000)

    async def told(self, version: Version) -> list[str]:
        log = await self.logs.read(keys.version_logs(version.id), Cursor(), limit=100)
        return [line.message for _, line in log.lines]

    async def ended(self, version: Version) -> Version:
        await self.has(version, *TERMINAL)
        return await self.workflows.version(version.id)

    async def has(self, version: Version, *statuses: VersionStatus) -> None:
        async def is_so() -> bool:
            return (await self.workflows.version(version.id)).status in statuses

        await wait_until(is_so, f"version {version.id} to be {statuses}")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.deploys.run())
        try:
            yield
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def loop(
    store: Client, redis_servers: tuple[str, str], fake_engine: FakeEngine, tmp_path: Path
) -> AsyncIterator[Loop]:
    binary = connect_binary(redis_servers[0])
    yield Loop(store, binary, fake_engine, tmp_path)
    await binary.aclose()


@pytest.fixture
def reading(loop: Loop) -> Loop:
    """For what becomes of the repos themselves."""
    loop.reads_repos()
    return loop


def packed(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for name, text in files.items():
            content = text.encode() if isinstance(text, str) else text
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def repo_with(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "x"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *command], cwd=folder, check=True)
    return folder


GOOD = packed({"main.py": "import orchestrator_sdk"})
SLOW = packed({"slow.py": "# app.start()\napp.start()"})


async def test_a_folder_becomes_a_version_that_serves(reading: Loop) -> None:
    version = await reading.deploy("good", GOOD)
    async with reading.running():
        ready = await reading.ended(version)
    assert ready.error is None
    assert (ready.status, ready.entry_point, [task.name for task in ready.tasks]) == ("ready", "main.py", ["answer"])


async def test_a_program_that_has_to_do_with_no_sdk_is_refused_before_it_is_built(reading: Loop) -> None:
    version = await reading.deploy("web", packed({"main.py": "import flask", "requirements.txt": "flask"}))
    async with reading.running():
        failed = await reading.ended(version)
    assert (failed.status, failed.image) == ("build_failed", "")
    assert failed.error is not None
    assert "main.py would be started, but no file of the repo names orchestrator_sdk" in failed.error


async def test_a_source_that_comes_again_is_neither_read_nor_built(
    reading: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = packed({"main.py": "import orchestrator_sdk", "requirements/dev.txt": "six"})
    async with reading.running():
        first = await reading.ended(await reading.deploy("good", noted))
        monkeypatch.setattr(worker, "prepare", None)
        again = await reading.ended(await reading.deploy("good", noted))
    assert again.error is None
    assert (again.image, again.entry_point, again.archive_digest) == (first.image, "main.py", first.archive_digest)
    assert again.number == first.number + 1
    told = [await reading.told(version) for version in (first, again)]
    assert told[1] == [*told[0], THERE_ALREADY]


@pytest.mark.parametrize("change", ["options", "owner", "image"])
async def test_a_source_that_comes_otherwise_is_read_again(
    reading: Loop, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with reading.running():
        await reading.ended(await reading.deploy("good", GOOD))
        monkeypatch.setattr(worker, "prepare", None)
        if change == "image":
            reading.engine.prune()
        source = Source("/src", build_command="make") if change == "options" else None
        again = await reading.deploy("other" if change == "owner" else "good", GOOD, source)
        assert "NoneType" in ((await reading.ended(again)).error or "")


async def test_why_a_build_failed_is_on_stderr_of_its_log(reading: Loop) -> None:
    version = await reading.deploy("bad", packed({"notes.txt": ""}))
    async with reading.running():
        failed = await reading.ended(version)
    log = await reading.logs.read(keys.version_logs(version.id), Cursor(), limit=100)
    assert [line.message for _, line in log.lines if line.stream == "stderr"] == [failed.error]


async def test_a_workflow_deleted_while_it_registers_takes_nobody_with_it(loop: Loop) -> None:
    version = await loop.deploy("gone", SLOW)
    async with loop.running():
        await loop.has(version, VersionStatus.REGISTERING)
        await loop.workflows.delete(await loop.workflows.get("gone"))
        loop.registrar.is_open.set()
        other = await loop.deploy("other", GOOD)
        assert (await loop.ended(other)).status == "ready"
    with pytest.raises(Unknown):
        await loop.workflows.version(version.id)
    assert [one.id for one in await loop.workflows.versions()] == [other.id]


@pytest.mark.parametrize("field", ["rootDir", "startCommand", "buildCommand", "name"])
async def test_text_that_is_no_unicode_fails_its_own_deploy(reading: Loop, field: str) -> None:
    blueprint = f'services: [{{type: workflow, name: a, {field}: "\\uD800"}}, {{type: workflow, name: "\\uDC00"}}]'
    version = await reading.deploy("halves", packed({"main.py": "import orchestrator_sdk", "render.yaml": blueprint}))
    async with reading.running():
        failed = await reading.ended(version)
        assert failed.status == "build_failed"
        assert (await reading.ended(await reading.deploy("good", GOOD))).status == "ready"


@pytest.mark.timeout(60)
async def test_a_pattern_that_takes_for_ever_to_match_does_not(reading: Loop, tmp_path: Path) -> None:
    repo = repo_with(
        tmp_path / "repo",
        {".dockerignore": "*a*a*a*a*a*a*a*a*a*b\n", "a" * 60: "", "main.py": "import render_sdk"},
    )
    version = await reading.deploy("pattern", GOOD, Source(f"file://{repo}", is_git=True))
    async with reading.running():
        assert (await reading.ended(version)).status == "ready"


async def test_an_archive_with_one_long_name_fails_its_own_deploy(reading: Loop) -> None:
    version = await reading.deploy("names", packed({"main.py": "import orchestrator_sdk", "n" * 64_000_000: ""}))
    async with reading.running():
        failed = await reading.ended(version)
    assert failed.status == "build_failed"
    assert failed.error is not None
    assert len(failed.error) < 20_000


async def test_a_build_that_hangs_holds_nobody_else(loop: Loop) -> None:
    slow = await loop.deploy("slow", SLOW)
    others = [await loop.deploy(f"other-{number}", GOOD) for number in range(3)]
    async with loop.running():
        assert [(await loop.ended(other)).status for other in others] == ["ready"] * 3
        assert (await loop.workflows.version(slow.id)).status == "registering"


async def test_versions_of_one_workflow_are_built_one_after_the_other(loop: Loop) -> None:
    first, second = await loop.deploy("same", SLOW), await loop.deploy("same", GOOD)
    other = await loop.deploy("other", GOOD)
    async with loop.running():
        await loop.ended(other)
        assert (await loop.workflows.version(second.id)).status == "created"
        loop.registrar.is_open.set()
        await loop.ended(second)
    assert (await loop.workflows.get("same")).version_id == second.id
    assert (await loop.workflows.version(first.id)).status == "ready"


@pytest.mark.parametrize("is_begun", [True, False])
async def test_a_canceled_build_ends_and_the_next_of_its_workflow_begins(loop: Loop, is_begun: bool) -> None:
    slow = await loop.deploy("same", SLOW)
    next_one = await loop.deploy("same", GOOD)
    if not is_begun:
        await loop.workflows.builds.cancel(slow.id)
    async with loop.running():
        if is_begun:
            await loop.has(slow, VersionStatus.REGISTERING)
            await loop.workflows.builds.cancel(slow.id)
        assert (await loop.ended(slow)).error == "the build was canceled"
        assert (await loop.ended(next_one)).status == "ready"
    assert await loop.workflows.builds.stopped([slow.id]) == {}


async def test_a_deleted_workflow_ends_its_build_at_once(loop: Loop) -> None:
    slow = await loop.deploy("gone", SLOW)
    async with loop.running():
        await loop.has(slow, VersionStatus.REGISTERING)
        await loop.workflows.delete(await loop.workflows.get("gone"))
        again = await loop.deploy("gone", GOOD)
        assert (await loop.ended(again)).number == 1


async def test_a_build_that_ended_the_process_three_times_is_given_up(loop: Loop) -> None:
    poison = await loop.deploy("poison", GOOD)
    for _ in range(3):
        await loop.workflows.builds.begin(poison.id)
    async with loop.running():
        failed = await loop.ended(poison)
    assert failed.status == "build_failed"
    assert failed.error is not None
    assert "ended 3 times while it built this version" in failed.error


async def test_a_build_interrupted_in_order_is_begun_again_as_often_as_it_takes(loop: Loop) -> None:
    slow = await loop.deploy("slow", SLOW)
    for begun in range(1, 5):
        async with loop.running():
            await wait_until(lambda begun=begun: _is(len(loop.registrar.begun) == begun), "its registration")  # type: ignore[misc]
    loop.registrar.is_open.set()
    async with loop.running():
        assert (await loop.ended(slow)).status == "ready"


async def _is(condition: bool) -> bool:
    return condition


class Broken(StubRegistrar):
    """Fails in a way that nobody thought of."""

    async def register(self, built: BuiltImage, log: Log) -> tuple[TaskDraft, ...]:
        raise LookupError("\ud800" + "x" * 1_000_000)


async def test_a_bug_fails_the_build_it_was_met_in(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    # What was logged is a part of pytest's report, which cannot carry text that is no Unicode between its processes.
    monkeypatch.setattr(logging.getLogger("orchestrator.builder.deploys"), "disabled", True)
    loop.deploys = loop.made_of(StubBuilder(), Broken())
    version = await loop.deploy("bug", GOOD)
    async with loop.running():
        failed = await loop.ended(version)
    assert failed.status == "registration_failed"
    assert failed.error is not None
    assert failed.error.startswith("the orchestrator failed: LookupError")
    assert len(failed.error) < 20_000


async def test_an_image_that_was_pruned_is_built_again_from_the_source_that_was_kept(reading: Loop) -> None:
    version = await reading.deploy("pruned", GOOD)
    async with reading.running():
        ready = await reading.ended(version)
        reading.engine.prune()
        assert await reading.workflows.builds.again(version.id, now_ms=1) is None
        await wait_until(lambda: has_image(reading, ready.image), "the image")
    again = await reading.workflows.version(version.id)
    assert (again.status, again.tasks, again.image) == ("ready", ready.tasks, ready.image)
    assert reading.registrar.begun == ["main.py"]


async def test_an_image_in_a_registry_comes_from_there_also_without_its_source(reading: Loop) -> None:
    version = await reading.deploy("pushed", GOOD, Source("/src", push="registry.test/pushed"))
    async with reading.running():
        ready = await reading.ended(version)
        assert ready.pushed == f"registry.test/pushed@{ready.image}"
        reading.engine.prune()
        await reading.sources.clear([])
        await reading.workflows.builds.again(version.id, now_ms=1)
        await wait_until(lambda: has_image(reading, ready.image), "the image")


async def has_image(loop: Loop, image: str) -> bool:
    try:
        await loop.engine.keep_image(image)
    except ImageMissing:
        return False
    return True


async def test_an_image_that_cannot_be_built_again_says_why_for_a_minute(reading: Loop) -> None:
    version = await reading.deploy("pruned", GOOD)
    async with reading.running():
        await reading.ended(version)
        reading.engine.prune()
        await reading.sources.clear([])
        now_ms = time.time_ns() // 1_000_000
        await reading.workflows.builds.again(version.id, now_ms=now_ms)

        async def is_known() -> bool:
            return await reading.workflows.builds.again(version.id, now_ms=now_ms) is not None

        await wait_until(is_known, "the reason")
    why = await reading.workflows.builds.again(version.id, now_ms=now_ms)
    assert why == "its source is not kept on this host any more: deploy again"
    assert await reading.workflows.builds.again(version.id, now_ms=now_ms + 120_000) is None
