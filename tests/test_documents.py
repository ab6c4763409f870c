"""Documents that name tests: a promise whose test is gone is no promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md"))


@pytest.fixture(scope="module")
def tests() -> set[str]:
    """The names of all tests."""
    return {name for file in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", file.read_text())}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_test_that_a_document_names_is_there(document: Path, tests: set[str]) -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / document).read_text()))
    assert named - tests == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_file_of_tests_that_a_document_names_is_there(document: Path) -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", (ROOT / document).read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []
