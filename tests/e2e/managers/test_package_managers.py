"""Repos of every Python package manager, deployed as they are: installed by that, as its lock and their build command say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pip._internal.models.index import PyPI

from tests.live_instance import LiveInstance

pytestmark = pytest.mark.docker

REPOS = Path(__file__).parent / "repos"
HOSTS = {"https://index.test/": PyPI.url, "https://files.test/": f"https://{PyPI.file_storage_domain}/"}
"""What stands in manifests and locks for the index that they are of."""


def copied(name: str, folder: Path) -> Path:
    """The repo in a folder of the test's own."""
    shutil.copytree(REPOS / name, folder, dirs_exist_ok=True)
    for file in (path for path in folder.iterdir() if path.is_file()):
        text = file.read_text()
        for written, host in HOSTS.items():
            text = text.replace(written, host)
        file.write_text(text)
    return folder


def found(live: LiveInstance, folder: Path, command: str = "") -> object:
    """What the repo's task finds installed."""
    name = folder.name
    version = live.deploy(folder, name, buildCommand=command)
    assert version["status"] == "ready", version["error"]
    return live.client().run(f"{name}/found", []).results


@pytest.mark.parametrize(
    ("name", "command", "results"),
    [
        ("uv", "pip install uv && uv sync --extra worker --no-dev", ["1.17.0", "3.20", 119, True]),
        ("poetry", "poetry install -E worker --with jobs --without dev", ["1.17.0", "3.20", 100, True]),
        ("pdm", "", ["1.17.0"]),
        ("pipenv", "", ["1.17.0"]),
        ("pylock", "", ["1.17.0"]),
    ],
)
def test_what_the_lock_and_the_build_command_say_is_installed(
    live: LiveInstance, tmp_path: Path, name: str, command: str, results: list[object]
) -> None:
    assert found(live, copied(name, tmp_path / f"managed-{name}"), command) == results


def test_a_package_that_is_compiled_leaves_no_compiler_in_the_image(live: LiveInstance, tmp_path: Path) -> None:
    assert found(live, copied("extension", tmp_path / "extension")) == [42, "0.0.0", None, None]


def test_a_lock_that_no_longer_fits_stops_the_deploy_with_what_to_run(live: LiveInstance, tmp_path: Path) -> None:
    folder = copied("uv", tmp_path / "stale")
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"six"', '"six<1.16"'))
    version = live.deploy(folder, "stale")
    assert version["status"] == "build_failed"
    assert "run `uv lock`" in version["error"]
