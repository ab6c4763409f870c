from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from orchestrator.cli.errors import CliError
from orchestrator.cli.input import source


@pytest.mark.parametrize("url", ["https://a.test/b", "git@a.test:b/c", "ssh://a.test/b", "somewhere/b.git"])
def test_a_git_url_is_told_from_a_folder(url: str, tmp_path: Path) -> None:
    assert source.is_repo(url)
    assert not source.is_repo(str(tmp_path))


def test_a_folder_named_like_a_repo_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.git").mkdir()
    assert not source.is_repo(str(tmp_path / "mine.git"))


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [("https://a.test/team/shop.git", None, "shop"), ("git@a.test:shop", None, "shop"), ("https://a.test/x", "y", "y")],
)
def test_a_workflow_is_named_after_its_repo_unless_told_otherwise(path: str, name: str | None, expected: str) -> None:
    assert source.name_of(path, name) == expected


def test_a_name_without_a_letter_is_refused() -> None:
    with pytest.raises(CliError, match="neither letters nor digits"):
        source.name_of(".", "!!")


def test_a_folder_is_packed(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("x = 1")
    with source.packed(str(tmp_path)) as archive:
        assert archive.read(2) == b"\x1f\x8b"


def test_a_large_folder_is_not_held_in_memory(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("x = 1")
    (tmp_path / "model.bin").write_bytes(os.urandom(30_000_000))
    tracemalloc.start()
    try:
        with source.packed(str(tmp_path)) as archive:
            assert archive.seek(0, os.SEEK_END) > 30_000_000
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_packing_goes_by_the_content_alone(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("x = 1")
    digests = set()
    for size in (0, 0, 3_000_000):
        (tmp_path / "model.bin").write_bytes(bytes(size))
        with source.packed(str(tmp_path)) as archive:
            digests.add(source.digest_of(archive))
            assert archive.tell() == 0
    assert len(digests) == 2


def test_a_missing_folder_is_an_error_of_the_command(tmp_path: Path) -> None:
    with pytest.raises(CliError):
        source.packed(str(tmp_path / "gone"))
