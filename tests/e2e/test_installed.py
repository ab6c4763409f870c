"""The wheels, built and installed as somebody does who has Docker and no checkout."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import orchestrator_sdk
from orchestrator.app.data_dir import DataDir
from orchestrator.core.container.spec import LABEL_INSTANCE
from tests.leftovers import ROOT, remove_all, remove_tags

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

_PIP = (sys.executable, "-m", "pip")
"""The one that is there already: to put one into each new environment takes longer than to install into it."""
_CLIENT = """
import orchestrator_sdk, sys
assert orchestrator_sdk.__file__.startswith(sys.argv[1]), orchestrator_sdk.__file__
print(orchestrator_sdk.Client(url=sys.argv[2], api_key=sys.argv[3]).run("words/sum_squares", [3, 4]).results)
"""


@dataclass(frozen=True)
class User:
    """Somebody with a home of their own, in an empty folder of it."""

    home: Path
    bin: Path

    def __call__(self, *command: str) -> str:
        """What the command prints."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRATOR_")}
        environment |= {"HOME": str(self.home), "PATH": f"{self.bin}:{os.environ['PATH']}", "NO_COLOR": "1"}
        folder = self.home / "work"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    @property
    def data_dir(self) -> DataDir:
        return DataDir(self.home / ".orchestrator")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make dist` makes."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([ROOT / "scripts" / "dist", str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture
def user(dist: Path, tmp_path_factory: pytest.TempPathFactory, docker_client: Any, base_image: str) -> Iterator[User]:
    """One who has just installed the orchestrator's wheel, and nothing else."""
    home = tmp_path_factory.mktemp("user")  # short: the kernel limits the paths of sockets
    venv.create(home / "venv")
    user = User(home, home / "venv" / "bin")
    user(*_PIP, "--python", str(home / "venv"), "install", "--quiet", str(wheel(dist, "orchestrator")))
    yield user
    subprocess.run([user.bin / "orchestrator", "down", "--data-dir", user.data_dir.path], check=False)
    remove_all(docker_client, f"{LABEL_INSTANCE}={user.data_dir.instance()}")
    remove_tags(docker_client, user.data_dir.instance())


def wheel(dist: Path, name: str) -> Path:
    (found,) = dist.glob(f"{name}-*.whl")
    return found


def test_the_wheel_deploys_and_runs_in_an_empty_folder(user: User, dist: Path) -> None:
    assert user("orchestrator", "--version") == f"orchestrator {orchestrator_sdk.__version__}"
    user("orchestrator", "init", "words")
    with (user.home / "work" / "words" / "main.py").open("a") as code:
        code.write(f"# {secrets.token_hex(8)}: no image of this is there yet\n")
    user("orchestrator", "up", "--detach", "--port", "0")
    user("orchestrator", "deploy", "words")
    assert user("orchestrator", "run", "words/sum_squares", "3", "4") == "25"
    app = user.home / "app"
    user(*_PIP, "install", "--quiet", "--target", str(app), f"{wheel(dist, 'orchestrator_sdk')}[client]")
    url, key = user.data_dir.endpoint(), user.data_dir.api_key()
    plainly = (f"PYTHONPATH={app}", sys.executable, "-S", "-c", _CLIENT, str(app), str(url), key)
    assert user("env", *plainly) == "[25]"
    assert "Stopped" in user("orchestrator", "down")


def test_both_packages_are_built_as_wheel_and_as_source_in_one_version(dist: Path) -> None:
    version = orchestrator_sdk.__version__
    names = [
        f"{name}-{version}{end}"
        for name in ("orchestrator", "orchestrator_sdk")
        for end in ("-py3-none-any.whl", ".tar.gz")
    ]
    assert sorted(path.name for path in dist.iterdir()) == sorted(names)


def test_the_source_builds_the_same_wheel_as_the_checkout(dist: Path, tmp_path: Path) -> None:
    (source,) = dist.glob("orchestrator-*.tar.gz")
    subprocess.run(["tar", "xzf", source, "-C", tmp_path, "--strip-components=1"], check=True)
    hatchling = Path(sys.executable).with_name("hatchling")
    command = (hatchling, "build", "--target", "wheel", "--directory", tmp_path / "again")
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert contents(wheel(tmp_path / "again", "orchestrator")) == contents(wheel(dist, "orchestrator"))


def contents(path: Path) -> dict[str, tuple[int, int]]:
    """Checksum and mode of every file in a wheel."""
    with zipfile.ZipFile(path) as opened:
        return {one.filename: (one.CRC, one.external_attr) for one in opened.infolist()}
