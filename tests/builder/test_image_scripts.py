"""How the programs of images/ are called; what they do is tested in tests/images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.builder import image
from orchestrator.builder.errors import BuildFailed

Script = Callable[[str], None]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Writes what stands in for images/ensure-base."""
    monkeypatch.setattr(image, "SCRIPTS_DIR", tmp_path)

    def write(text: str) -> None:
        path = tmp_path / "ensure-base"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    return write


class Lines(list[str]):
    async def __call__(self, line: str) -> None:
        self.append(line)


async def test_progress_is_told_and_the_answer_returned(script: Script) -> None:
    script("echo 'asking a registry' >&2\necho base:1")
    lines = Lines()
    assert (await image.ensure_base(lines), lines) == ("base:1", ["asking a registry"])


async def test_a_failure_is_told_in_the_script_s_words(script: Script) -> None:
    script("echo 'no Docker engine answers' >&2\nexit 1")
    with pytest.raises(BuildFailed, match=r"(?s)ensure-base failed.*no Docker engine answers"):
        await image.ensure_base(Lines())


async def test_a_very_long_line_stops_nothing(script: Script) -> None:
    script("head -c 3000000 /dev/zero | tr '\\0' x >&2\necho >&2\necho base:1")
    assert await image.ensure_base(Lines()) == "base:1"
