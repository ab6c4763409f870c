"""Where an orchestrator's temporary files are, and that none stays for ever."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from orchestrator.app.upkeep.temporary_files import temporary_files

MAKES_ONE = [sys.executable, "-c", "import tempfile; print(tempfile.mkdtemp())"]


def test_those_of_the_process_and_of_its_children_are_there(tmp_path: Path) -> None:
    with temporary_files(tmp_path / "temporary"):
        assert Path(tempfile.mkdtemp()).parent == tmp_path / "temporary"
        made = subprocess.run(MAKES_ONE, capture_output=True, text=True, check=True).stdout.strip()
        assert Path(made).parent == tmp_path / "temporary"


def test_what_a_killed_one_left_is_gone_with_the_next(tmp_path: Path) -> None:
    left = tmp_path / "temporary" / "build" / "secret"
    left.parent.mkdir(parents=True)
    left.write_text("hunter2")
    with temporary_files(tmp_path / "temporary"):
        assert list((tmp_path / "temporary").iterdir()) == []


def test_nobody_else_may_look_into_it(tmp_path: Path) -> None:
    with temporary_files(tmp_path / "temporary"):
        assert (tmp_path / "temporary").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("before", [None, "/var/tmp"])
def test_afterwards_they_are_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", before) if before else monkeypatch.delenv("TMPDIR", raising=False)
    usual = tempfile.gettempdir()
    with temporary_files(tmp_path / "temporary"):
        assert tempfile.gettempdir() == str(tmp_path / "temporary")
    assert tempfile.gettempdir() == usual
