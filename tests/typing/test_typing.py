from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from mypy import api

CASES = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_"))
REPO = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unmarked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case in which a marked line has no mistake."""
    path = tmp_path_factory.mktemp("typing") / "unmarked.py"
    path.write_text(CASES[-1].read_text().replace('await add("1")', "await add(1)"))
    return path


@pytest.fixture(scope="module")
def report(unmarked: Path) -> list[str]:
    """What mypy says of all of them at once, with the cache of `make check`."""
    with contextlib.chdir(REPO):  # the configuration's paths start there
        said, errors, _ = api.run(["--strict", "--config-file", "pyproject.toml", *map(str, CASES), str(unmarked)])
    assert errors == ""
    return said.splitlines()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_type_checker_finds_exactly_the_marked_mistakes(report: list[str], path: Path) -> None:
    assert [line for line in report if path.name in line] == []


def test_a_mark_on_a_line_without_a_mistake_is_reported(report: list[str], unmarked: Path) -> None:
    (mistake,) = (line for line in report if ": error: " in line)
    assert unmarked.name in mistake
    assert 'Unused "type: ignore" comment' in mistake
