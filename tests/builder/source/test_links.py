from __future__ import annotations

import pytest

from orchestrator.builder.source.links import resolved

LINKS = {"here": ".", "lib/up": "..", "a": "lib", "deep/b": "../a/c", "loop": "loop", "out": "../..", "root": "/etc"}


@pytest.mark.parametrize(
    ("path", "means"),
    [
        ("main.py", "main.py"),
        ("./x//y", "x/y"),
        ("here", ""),
        ("here/here/x", "x"),
        ("lib/up/main.py", "main.py"),
        ("a/words.py", "lib/words.py"),
        ("deep/b", "lib/c"),
        ("loop", None),
        ("out", None),
        ("lib/up/..", None),
        ("root/passwd", None),
    ],
)
def test_a_path_through_links_means_one_without(path: str, means: str | None) -> None:
    assert resolved(path, LINKS) == means
