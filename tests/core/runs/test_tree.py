from __future__ import annotations

from orchestrator.core.runs.summary import Brief, Summary
from orchestrator.core.runs.tree import first_failure, path


def row(run_id: str, parent_id: str | None = None, failed_at: int | None = None, child_id: str = "") -> Summary:
    failure = None if failed_at is None else Brief("ValueError", "no", child_id)
    status = "running" if failed_at is None else "failed"
    return Summary(run_id, "a", "wfl-1", "t", status, 1, parent_id, completed_at_ms=failed_at, failure=failure)


def rows(*given: Summary) -> dict[str, Summary]:
    return {one.id: one for one in given}


def found(top_id: str, given: dict[str, Summary]) -> str | None:
    first = first_failure(top_id, given)
    return None if first is None else first.id


def test_where_nothing_failed_there_is_no_first_failure() -> None:
    assert found("a", rows(row("a"), row("b", "a"))) is None


def test_a_failed_run_leads_to_the_one_it_failed_of() -> None:
    given = rows(row("a", None, 9, "c"), row("b", "a", 1), row("c", "a", 8, "d"), row("d", "c", 7), row("e", "c", 2))
    assert found("a", given) == "d"


def test_one_that_names_no_other_failed_by_itself_whatever_it_had_survived_before() -> None:
    assert found("a", rows(row("a", None, 9), row("b", "a", 1))) == "a"


def test_while_the_top_goes_on_it_is_the_failure_that_came_first() -> None:
    given = rows(row("a"), row("b", "a", 5, "d"), row("c", "a", 7), row("d", "b", 4))
    assert found("a", given) == "d"


def test_what_is_blamed_but_is_no_child_of_the_one_that_blames_is_not_believed() -> None:
    assert found("a", rows(row("a", None, 9, "a"), row("b", None, 1))) == "a"


def test_the_path_leads_from_the_top_down() -> None:
    given = rows(row("a"), row("b", "a"), row("c", "b", 1))
    assert path("a", "c", given) == ["a", "b", "c"]
    assert path("c", "c", given) == ["c"]
