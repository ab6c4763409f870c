"""Real builds: need a Docker engine and the base image, and for one of them a package index."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import tarfile
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.builder.detect.options import NOTHING, Options
from orchestrator.builder.image.context import add_repo, prepare
from orchestrator.builder.image.plan import ImagePlan
from orchestrator.core.image import BaseImage
from orchestrator.core.workflow import NO_INPUTS, BuildInputs
from orchestrator.engine.base import BuildFailed
from orchestrator.engine.docker.build.base import base_image
from orchestrator.engine.docker.build.build import build
from tests.packing import pack
from tests.wait import until

pytestmark = pytest.mark.docker


class Lines(list[str]):
    """A log that is read afterwards."""

    async def __call__(self, line: str) -> None:
        self.append(line)


def docker(*arguments: str) -> bytes:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True).stdout


class Builds:
    """Builds folders below one directory, and remembers the tags."""

    def __init__(self, folder: Path, base: BaseImage) -> None:
        self.folder, self.base = folder, base
        self.tags: list[str] = []

    def prepare(
        self, asked: Options = NOTHING, inputs: BuildInputs = NO_INPUTS, /, **files: str
    ) -> tuple[ImagePlan, Path]:
        repo, context = (self.folder / f"{kind}-{uuid.uuid4().hex}" for kind in ("repo", "context"))
        repo.mkdir()
        context.mkdir()
        for name, text in files.items():
            path = repo / name.replace("_txt", ".txt").replace("_py", ".py").replace("_yaml", ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        project = add_repo(io.BytesIO(pack(repo)), context, asked)
        made = prepare(project, context, self.base, inputs=inputs)
        self.tags.append(made.image.tag)
        return made, context

    def remove(self) -> None:
        for tag in set(self.tags):
            subprocess.run(["docker", "image", "rm", "--force", tag], check=False, capture_output=True)

    async def build(self, asked: Options = NOTHING, /, **files: str) -> tuple[str, Lines]:
        made, context = self.prepare(asked, **files)
        lines = Lines()
        return await build(made.image, context, lines), lines


@pytest.fixture
async def builds(tmp_path: Path) -> AsyncIterator[Builds]:
    builds = Builds(tmp_path, await base_image(Lines()))
    yield builds
    builds.remove()


@pytest.fixture
def unique() -> str:
    """Makes a file new to every cache."""
    return f"# {uuid.uuid4().hex}\n"


async def test_a_repo_without_dependencies_becomes_an_image_of_nobody(builds: Builds, unique: str) -> None:
    image, _ = await builds.build(main_py=unique)
    listed = docker("run", "--rm", "--network=none", image, "find", "/opt/orchestrator", "/app", "-name", "*.py*")
    assert image.startswith("sha256:")
    assert b"/app/__pycache__/main." in listed
    assert b"/opt/orchestrator/runtime/orchestrator_runtime/__pycache__/wire." in listed
    assert docker("run", "--rm", "--network=none", image, "id", "-u").strip() == b"65534"


async def test_nothing_in_the_image_belongs_to_the_task_or_hides_from_it(builds: Builds, unique: str) -> None:
    image, _ = await builds.build(main_py=unique)
    find = ("find", "/app", "/opt/orchestrator", "(", "!", "-readable", "-o", "-writable", ")")
    assert docker("run", "--rm", "--network=none", image, *find) == b""


async def test_the_same_repo_again_builds_nothing(builds: Builds, unique: str) -> None:
    first, _ = await builds.build(main_py=unique)
    second, lines = await builds.build(main_py=unique)
    assert (second, lines) == (first, ["nothing changed: the image is there already"])


async def test_new_code_does_not_install_again(builds: Builds, unique: str) -> None:
    await builds.build(main_py="", requirements_txt="humanize==4.11.0\n" + unique)
    image, lines = await builds.build(main_py=unique, requirements_txt="humanize==4.11.0\n" + unique)
    assert lines == ["installing the dependencies of requirements.txt: unchanged"]
    python = ("python", "-c", "import humanize; print(humanize.__version__)")
    assert docker("run", "--rm", "--network=none", image, *python).strip() == b"4.11.0"


async def test_packages_of_the_system_come_from_the_hosts_mirror_and_leave_no_trace_of_it(
    builds: Builds, unique: str
) -> None:
    asked = Options(apt=("tree",))
    image, _ = await builds.build(asked, main_py=unique)
    find = "tree --version; grep -rE '^(deb |Types:)' /etc/apt; find /var/lib/apt /run/apt* -name '*Release*'"
    listed = (
        docker("run", "--rm", "--network=none", image, "sh", "-c", f"({find}) 2>/dev/null; id -u").decode().splitlines()
    )
    assert (listed[0][:6], listed[1:]) == ("tree v", ["65534"])


async def test_new_code_does_not_install_packages_of_the_system_again(builds: Builds, unique: str) -> None:
    asked = Options(apt=("tree",))
    await builds.build(asked, main_py=unique)
    _, lines = await builds.build(asked, main_py=unique * 2)
    assert lines == ["installing the system packages tree: unchanged"]


async def test_a_package_the_system_has_not_is_named(builds: Builds, unique: str) -> None:
    with pytest.raises(BuildFailed) as caught:
        await builds.build(Options(apt=("no-such-thing",)), main_py=unique)
    assert str(caught.value) == (
        "installing the system packages no-such-thing failed with exit code 100:\nE: Unable to locate package no-such-thing"
    )


PROJECT = """
[build-system]
requires = ["setuptools"]
[project]
name = "shop"
version = "1"
dependencies = ["humanize==4.11.0"]
"""
ASKS = ("python", "-c", "import shop, humanize; print(shop.__file__)")


async def test_a_src_layout_is_importable_without_being_installed(builds: Builds, unique: str) -> None:
    files = {"src/shop/__init__.py": unique, "pyproject.toml": PROJECT}
    image, _ = await builds.build(NOTHING, main_py="", **files)
    assert docker("run", "--rm", "--network=none", image, *ASKS).strip() == b"/app/src/shop/__init__.py"


async def test_a_repo_can_install_itself(builds: Builds, unique: str) -> None:
    files = {"shop/__init__.py": unique, "pyproject.toml": PROJECT, "requirements.txt": "-e .\n"}
    image, _ = await builds.build(NOTHING, main_py="", **files)
    assert docker("run", "--rm", "--network=none", "--workdir=/tmp", image, *ASKS).strip() == b"/app/shop/__init__.py"


def parts_with(image: str, secrets: tuple[bytes, ...]) -> list[str]:
    """The layers, as they are stored, and other parts of an image that contain one of the secrets."""
    with tarfile.open(fileobj=io.BytesIO(docker("save", image))) as saved:
        contents = {member.name: file.read() for member in saved if (file := saved.extractfile(member))}
    return [name for name, content in contents.items() if any(secret in content for secret in secrets)]


async def test_build_secrets_are_in_no_layer_and_no_history(
    builds: Builds, unique: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("not-a-certificate-but-secret")
    monkeypatch.setenv("PIP_CERT", str(bundle))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://user:hush-hush@index.invalid/simple")
    made, context = builds.prepare(main_py=unique, requirements_txt="pip\n" + unique)
    # The echo makes the step new to BuildKit's cache.
    telling = f"-m pip config list && echo '{unique.strip()}' && python -I -m pip install"
    lines = Lines()
    # A requirement that is there already asks no index.
    image = await build(
        replace(made.image, dockerfile=made.image.dockerfile.replace("-m pip install", telling)), context, lines
    )
    assert "global.extra-index-url='https://user:****@index.invalid/simple'" in lines, (
        "pip did not see the secret at all"
    )
    secrets = (b"hush-hush", b"index.invalid", b"not-a-certificate-but-secret")
    assert parts_with(image, secrets) == []
    assert not any(secret in docker("history", "--no-trunc", image) for secret in secrets)
    assert "hush-hush" not in "".join(lines)


async def test_what_a_build_is_given_is_there_for_its_steps_and_a_secret_in_no_layer(
    builds: Builds, unique: str
) -> None:
    asked = Options(build_command='echo "$GREETING, $TOKEN"; test ${#TOKEN} = 9')
    inputs = BuildInputs({"GREETING": "it's $5"}, {"TOKEN": "hush-hush\n"})
    made, context = builds.prepare(asked, inputs, main_py=unique)
    lines = Lines()
    image = await build(made.image, context, lines)
    assert "it's $5, ****" in lines
    assert parts_with(image, (b"hush-hush",)) == []
    assert b"hush-hush" not in docker("history", "--no-trunc", image)


async def test_a_dependency_that_does_not_exist_is_named(builds: Builds, unique: str) -> None:
    with pytest.raises(BuildFailed) as caught:
        await builds.build(main_py=unique, requirements_txt="humanize==99.99\n")
    reason = str(caught.value).splitlines()
    assert reason[0] == "installing the dependencies of requirements.txt failed with exit code 1:"
    assert "No matching distribution found for humanize==99.99" in reason[-1]


async def test_a_build_command_that_fails_is_shown_with_its_exit_code(builds: Builds, unique: str) -> None:
    with pytest.raises(BuildFailed) as caught:
        await builds.build(Options(build_command="echo one; exit 3"), main_py=unique)
    assert str(caught.value) == "`echo one; exit 3` failed with exit code 3:\none"


async def test_no_name_in_a_repo_is_a_line_of_the_dockerfile_or_a_word_of_a_command(
    builds: Builds, unique: str
) -> None:
    folder = 'my jobs\nCOPY --from=orchestrator-base:x / $(touch x) "quoted"'
    blueprint = f"services: [{{type: workflow, rootDir: {json.dumps(folder)}, startCommand: python 'src/my main.py'}}]"
    files = {f"{folder}/src/my main.py": unique, f"{folder}/src/a (copy)/main.py": "", f"{folder}/pyproject.toml": ""}
    files |= {f"{folder}/my reqs; $(false)": "humanize==4.11.0\n", f"{folder}/src/shop/__init__.py": ""}
    image, _ = await builds.build(NOTHING, render_yaml=blueprint, **files)
    listed = docker("run", "--rm", "--network=none", image, "find", "/app", "-name", "*.py").decode().splitlines()
    assert sorted(listed) == ["/app/src/a (copy)/main.py", "/app/src/my main.py", "/app/src/shop/__init__.py"]
    imported = ("python", "-c", "import shop; print(shop.__file__)")
    assert docker("run", "--rm", "--network=none", image, *imported).strip() == b"/app/src/shop/__init__.py"


async def test_code_before_1_gets_a_version_of_its_generation_of_the_official_package(
    builds: Builds, unique: str
) -> None:
    code = "from render_sdk import Workflows\napp = Workflows()\n@app.task\ndef f(a: int): ...\n"
    image, _ = await builds.build(main_py=code + unique, requirements_txt="render_sdk>=0.6.0\n")
    asks = ("python", "-c", "import render_sdk; print(render_sdk.__version__, render_sdk.__file__)")
    version, _, path = docker("run", "--rm", "--network=none", image, *asks).decode().strip().partition(" ")
    assert (version.startswith("0."), path.startswith("/opt/venv/")) == (True, True), (version, path)


async def test_broken_code_is_left_to_registration(builds: Builds, unique: str) -> None:
    image, _ = await builds.build(main_py="def broken(:\n" + unique)
    assert image.startswith("sha256:")


async def test_a_file_of_the_repo_cannot_stand_in_for_a_module_of_the_build(builds: Builds, unique: str) -> None:
    image, lines = await builds.build(main_py=unique, compileall_py="print('mine')\nraise SystemExit(1)\n")
    assert (image[:7], lines) == ("sha256:", [])


def _processes_with(marker: str) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], check=True, capture_output=True, text=True).stdout
    return [line for line in listed.splitlines() if marker in line]


def _until_gone(marker: str) -> None:
    until(lambda: not _processes_with(marker), f"the processes with {marker} to end")


async def test_a_build_that_takes_too_long_is_stopped_with_all_it_started(builds: Builds, unique: str) -> None:
    made, context = builds.prepare(main_py=unique)
    marker = f"sleep 3{uuid.uuid4().int % 10**6:06}"
    slow = replace(made.image, dockerfile=made.image.dockerfile.replace("USER", f"RUN echo begun && {marker}\nUSER"))
    with pytest.raises(BuildFailed, match="took longer than 3 s"):
        await build(slow, context, Lines(), timeout_s=3)
    _until_gone(marker)


async def test_cancelling_stops_the_build(builds: Builds, unique: str) -> None:
    made, context = builds.prepare(main_py=unique)
    marker = f"sleep 3{uuid.uuid4().int % 10**6:06}"
    slow = replace(made.image, dockerfile=made.image.dockerfile.replace("USER", f"RUN echo begun && {marker}\nUSER"))
    begun = asyncio.Event()

    async def log(line: str) -> None:
        begun.set()

    building = asyncio.create_task(build(slow, context, log))
    await asyncio.wait_for(begun.wait(), 30)
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building
    _until_gone(marker)
