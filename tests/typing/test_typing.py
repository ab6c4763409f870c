from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

CASES = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_"))
REPO = Path(__file__).parents[2]


def check(path: Path) -> str:
    """What mypy says, with the cache of `make check`."""
    report, errors, _ = api.run(["--strict", "--config-file", str(REPO / "pyproject.toml"), str(path)])
    return report + errors


@pytest.fixture(autouse=True)
def _in_the_repo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPO)  # the configuration's paths start there


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_type_checker_finds_exactly_the_marked_mistakes(path: Path) -> None:
    assert check(path).startswith("Success")


def test_a_mark_on_a_line_without_a_mistake_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "case.py"
    path.write_text((CASES[-1].read_text()).replace('await add("1")', "await add(1)"))
    assert 'Unused "type: ignore" comment' in check(path)
