from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.builder.source.tree import FileTree, scan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "main.py").write_text("x = 1")
    (tmp_path / "photo.jpg").write_bytes(b"\xff")
    (tmp_path / "link").symlink_to("a")
    return tmp_path


def test_files_and_links_are_listed_and_small_texts_read(folder: Path) -> None:
    tree = scan(folder)
    assert sorted(tree.digests) == ["a/main.py", "link", "photo.jpg"]
    assert tree.texts == {"a/main.py": "x = 1"}
    assert "a/main.py" in tree
    assert tree.has_folder("a")


def test_one_folder_is_a_tree_of_its_own(folder: Path) -> None:
    assert scan(folder).below("a") == scan(folder / "a")


def change_text(folder: Path) -> None:
    (folder / "a" / "main.py").write_text("x = 2")


def make_executable(folder: Path) -> None:
    (folder / "a" / "main.py").chmod(0o755)


def rename(folder: Path) -> None:
    (folder / "photo.jpg").rename(folder / "picture.jpg")


@pytest.mark.parametrize("change", [change_text, make_executable, rename])
def test_whatever_changes_the_image_changes_the_digest(folder: Path, change: object) -> None:
    before = scan(folder).digest()
    assert callable(change)
    change(folder)
    assert scan(folder).digest() != before


def test_the_order_of_files_does_not_matter() -> None:
    assert FileTree({"a": "1", "b": "2"}, {}).digest() == FileTree({"b": "2", "a": "1"}, {}).digest()
