"""Requirements by npm's rules."""

from __future__ import annotations

import pytest

from orchestrator.builder import semver


@pytest.mark.parametrize(
    ("required", "version", "is_admitted"),
    [
        ("^18.17", (18, 20, 1), True),
        ("^18.17", (19, 0, 0), False),
        (">=18 <21", (20, 9, 9), True),
        (">=18 <21", (21, 0, 0), False),
        ("18 - 20", (20, 99, 0), True),
        ("16 || 20.x", (20, 1, 0), True),
        ("~20.11.0", (20, 12, 0), False),
        ("*", (24, 0, 0), True),
        (">20", (20, 5, 0), False),
    ],
)
def test_a_requirement_admits_what_npm_would(required: str, version: tuple[int, int, int], is_admitted: bool) -> None:
    found = semver.alternatives(required)
    assert found is not None
    assert semver.admits(found, version) is is_admitted


@pytest.mark.parametrize("text", ["latest", "git+ssh://x", "1.2.3.4", "a || 1"])
def test_what_is_no_requirement_is_none(text: str) -> None:
    assert semver.alternatives(text) is None


def test_a_version_is_the_numbers_a_text_begins_with() -> None:
    assert semver.version("0.7.0-beta.1") == (0, 7, 0)
    assert semver.version("workspace:*") is None
