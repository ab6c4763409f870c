"""A copy of a data directory is told from one that was moved or restored, and becomes another instance."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestrator.app.composition import running
from orchestrator.app.data_dir import DataDir
from orchestrator.app.settings import Settings
from orchestrator.app.upkeep.copies import original_of
from orchestrator.engine.fake.engine import FakeEngine


@pytest.fixture
def original(home: Path) -> DataDir:
    """A directory that was used."""
    data_dir = DataDir(home / "first")
    data_dir.instance()
    data_dir.settle()
    return data_dir


def test_a_directory_is_no_copy_of_itself(original: DataDir, home: Path) -> None:
    assert original_of(original) is None
    (home / "link").symlink_to(original.path)
    assert original_of(DataDir(home / "link")) is None


def test_a_copy_is_known_while_the_original_is_there(original: DataDir, home: Path) -> None:
    copy = DataDir(shutil.copytree(original.path, home / "copy"))
    found = original_of(copy)
    assert found is not None
    assert found.path == original.path


def test_what_was_moved_or_restored_is_what_it_was(original: DataDir, home: Path) -> None:
    kept = shutil.copytree(original.path, home / "backup")
    moved = DataDir(original.path.rename(home / "moved"))
    assert original_of(moved) is None
    restored = DataDir(shutil.copytree(kept, original.path))
    assert original_of(restored) is None


async def test_a_copy_of_what_runs_becomes_another_instance_and_says_so(
    home: Path, fake_engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (Settings(data_dir=home / name, port=0) for name in ("first", "copy"))
    async with running(first, fake_engine) as one:
        shutil.copytree(first.data_dir, second.data_dir, ignore=shutil.ignore_patterns("*.sock"))
        async with running(second, fake_engine) as other:
            assert other.context.instance != one.context.instance
            assert other.api_key == one.api_key
        assert "is a copy of" in caplog.text
        caplog.clear()
        async with running(second, fake_engine) as again:
            assert again.context.instance == other.context.instance
    assert "is a copy of" not in caplog.text
