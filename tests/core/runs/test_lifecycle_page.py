from __future__ import annotations

from pathlib import Path

from orchestrator.core.runs.lifecycle_page import as_markdown


def test_the_page_about_the_lifecycle_is_printed_from_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "lifecycle.md"
    assert page.read_text() == as_markdown(), (
        "run `python -m orchestrator.core.runs.lifecycle_page > docs/lifecycle.md`"
    )
