"""How the programs of images/ are called; what they do is tested in tests/images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.core.image import BaseImage
from orchestrator.engine.base import BuildFailed
from orchestrator.engine.docker.build import command
from orchestrator.engine.docker.build.base import base_image

Script = Callable[[str], None]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Writes what stands in for images/ensure-base."""
    monkeypatch.setattr(command, "SCRIPTS_DIR", tmp_path)
    docker = tmp_path / "docker-cli"
    # Every image tells its own tag's version.
    docker.write_text('#!/bin/sh\ncase $1 in image) echo "${4#*:} $BOOTSTRAPPED";; *) echo "$0";; esac\n')
    docker.chmod(0o755)

    def write(text: str) -> None:
        path = tmp_path / "ensure-base"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    return write


class Lines(list[str]):
    async def __call__(self, line: str) -> None:
        self.append(line)


async def test_progress_is_told_and_the_answer_returned(script: Script) -> None:
    script("echo 'asking a registry' >&2\necho base:3.12")
    lines = Lines()
    assert (await base_image(lines), lines) == (BaseImage("base:3.12", "3.12"), ["asking a registry"])


async def test_a_base_says_whether_it_is_of_packages_alone(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script("echo base:3.12")
    monkeypatch.setenv("BOOTSTRAPPED", "yes")
    assert await base_image(Lines()) == BaseImage("base:3.12", "3.12", is_bootstrapped=True)


async def test_a_failure_is_told_in_the_script_s_words(script: Script) -> None:
    script("echo 'no Docker engine answers' >&2\nexit 1")
    with pytest.raises(BuildFailed, match=r"(?s)ensure-base failed.*no Docker engine answers"):
        await base_image(Lines())


async def test_a_very_long_line_stops_nothing(script: Script) -> None:
    script("head -c 3000000 /dev/zero | tr '\\0' x >&2\necho >&2\necho base:3.12")
    assert await base_image(Lines()) == BaseImage("base:3.12", "3.12")


async def test_a_python_that_is_asked_for_is_looked_for_first(script: Script) -> None:
    script("echo base:${1:-3.11}")
    assert await base_image(Lines(), ("3.13", "3.12")) == BaseImage("base:3.13", "3.13")
