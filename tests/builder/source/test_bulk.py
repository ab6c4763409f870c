from __future__ import annotations

import pytest

from orchestrator.builder.source import bulk
from orchestrator.builder.source.bulk import NO_BULK, Bulk
from orchestrator.builder.source.tree import FileTree


@pytest.fixture(autouse=True)
def least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LEAST_FILES", 3)


def tree(*paths: str) -> FileTree:
    return FileTree(dict.fromkeys(paths, ""), {})


def test_folders_without_a_program_are_a_layer_of_their_own() -> None:
    repo = tree("main.py", "data/1/a.txt", "data/2/b.txt", "src/shop/x.py", "src/shop/rows/c.csv")
    assert bulk.find(repo) == Bulk(("data", "src/shop/rows"))


@pytest.mark.parametrize(
    "paths",
    [
        ("main.py", "data/a.txt", "data/b.txt"),
        ("main.py", "data/a.txt", "data/b.txt", "data/deep/c.py"),
        ("main.py", "a.txt", "b.txt", "c.txt"),
        ("data/a.txt", "data/b.txt", "data/c.txt"),
    ],
    ids=["few", "beside a program", "at the top", "nothing else"],
)
def test_what_is_few_or_belongs_to_a_program_is_not(paths: tuple[str, ...]) -> None:
    assert bulk.find(tree(*paths)) == NO_BULK


def test_paths_are_divided() -> None:
    inside, outside = Bulk(("a/b",)).divided(["a", "a/b", "a/b/c.txt", "a/bc.txt"])
    assert (inside, outside) == (["a/b", "a/b/c.txt"], ["a", "a/bc.txt"])
