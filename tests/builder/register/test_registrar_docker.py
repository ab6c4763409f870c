"""Registering for real: Docker, the shim and a channel of its own. Needs redis-server."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.builder.errors import RegistrationFailed
from orchestrator.builder.image.builder import BuiltImage
from orchestrator.builder.image.context import add_repo, prepare
from orchestrator.builder.register.registrar import Registrar
from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator.core.container.spec import ContainerDefaults
from orchestrator.core.image import BaseImage
from orchestrator.engine.docker.build.build import build
from orchestrator.engine.docker.engine import DockerEngine
from orchestrator_runtime import wire
from tests.packing import pack

pytestmark = pytest.mark.docker

EXAMPLES = Path(__file__).parents[3] / "examples"

# Stands in for the SDK: what app.start() does.
REGISTERS = """
from orchestrator_runtime import host

class App:
    def definitions(self):
        return [{"name": "square", "options": {"plan": "starter"}, "parameters": []}]

print("loading")
host.current.serve(App())
"""


@pytest.fixture
async def channel() -> AsyncIterator[tuple[LineChannel, Path]]:
    """A channel that runs, and the folder of its lines."""
    with tempfile.TemporaryDirectory(prefix="orc-") as home:
        folder = Path(home, "lines")
        channel = LineChannel(folder, b"secret")
        async with asyncio.TaskGroup() as group:
            running = group.create_task(channel.run(), name="channel")
            yield channel, folder
            running.cancel()
        assert os.listdir(folder) == []


class Workbench:
    """Builds one repo and registers it."""

    def __init__(self, registrar: Registrar, base: str, folder: Path) -> None:
        self.registrar, self.base, self.folder = registrar, base, folder
        self.lines: list[str] = []
        self.tags: list[str] = []

    async def log(self, line: str) -> None:
        self.lines.append(line)

    async def register(self, main: str, *, timeout_s: float = 60) -> list[str]:
        repo = self.folder / "repo"
        repo.mkdir()
        (repo / "main.py").write_text(main)
        return await self.register_repo(repo, timeout_s=timeout_s)

    async def register_repo(self, repo: Path, *, timeout_s: float = 60) -> list[str]:
        context = self.folder / "context"
        context.mkdir()
        made = prepare(add_repo(io.BytesIO(pack(repo)), context), context, BaseImage(self.base, ""))
        self.tags.append(made.image.tag)
        built = BuiltImage(await build(made.image, context, self.log), made.entry_point, {"COLOUR": "green"})
        return [task.name for task in await replace(self.registrar, timeout_s=timeout_s).register(built, self.log)]

    async def failure(self, main: str, *, timeout_s: float = 60) -> str:
        with pytest.raises(RegistrationFailed) as caught:
            await self.register(main, timeout_s=timeout_s)
        return str(caught.value)

    def remove_images(self) -> None:
        for tag in self.tags:
            subprocess.run(["docker", "image", "rm", "--force", tag], check=False, capture_output=True)


@pytest.fixture
async def workbench(
    docker_engine: DockerEngine, channel: tuple[LineChannel, Path], instance: str, base_image: str, tmp_path: Path
) -> AsyncIterator[Workbench]:
    defaults = ContainerDefaults("none", (), wire.SHIM_COMMAND, wire.APP_DIR, lines=str(channel[1]))
    workbench = Workbench(Registrar(docker_engine, channel[0], instance, defaults), base_image, tmp_path)
    yield workbench
    workbench.remove_images()
    assert await docker_engine.list() == []


async def test_the_tasks_of_a_repo_are_learned(workbench: Workbench) -> None:
    assert await workbench.register(REGISTERS) == ["square"]
    assert workbench.lines == ["loading"]


@pytest.mark.parametrize(
    "example", sorted(path.parent for path in EXAMPLES.glob("*/main.py")), ids=lambda path: path.name
)
async def test_every_example_registers(workbench: Workbench, example: Path) -> None:
    assert await workbench.register_repo(example)


async def test_the_version_s_environment_is_there_and_ours_is_not(workbench: Workbench) -> None:
    await workbench.register("import os\nprint(os.environ['COLOUR'], 'ORCHESTRATOR_MODE' in os.environ)\n" + REGISTERS)
    assert workbench.lines[0] == "green False"


async def test_a_syntax_error_shows_its_line(workbench: Workbench) -> None:
    message = await workbench.failure("x = 1\ndef broken(:\n")
    assert message.startswith("loading main.py failed: SyntaxError")
    assert 'main.py", line 2' in message
    assert "/opt/orchestrator" not in message


async def test_an_error_at_import_shows_the_user_s_frames_only(workbench: Workbench) -> None:
    message = await workbench.failure("def load():\n    return {}['price']\n\nload()\n")
    assert 'main.py", line 2, in load' in message
    assert "/opt/orchestrator" not in message


async def test_a_missing_dependency_is_named_with_the_way_out(workbench: Workbench) -> None:
    message = await workbench.failure("import humanize\n")
    assert "No module named 'humanize'" in message
    assert message.splitlines()[-1].startswith("hint: add humanize to requirements.txt")


async def test_code_that_never_starts_the_app_is_told_how_to(workbench: Workbench) -> None:
    assert "finished without calling app.start()" in await workbench.failure("x = 1\n")


async def test_code_that_exits_shows_its_code_and_last_words(workbench: Workbench) -> None:
    message = await workbench.failure("import sys\nprint('no licence')\nsys.exit(7)\n")
    assert "exit code 7" in message
    assert message.endswith("  no licence")


async def test_code_that_hangs_is_stopped_in_time(workbench: Workbench) -> None:
    message = await workbench.failure("import time\ntime.sleep(600)\n", timeout_s=1)
    assert message.startswith("no tasks after 1 s")
