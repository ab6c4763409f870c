from __future__ import annotations

from orchestrator.core.near import did_you_mean


def test_a_name_that_is_like_another_is_asked_for() -> None:
    said = did_you_mean("sqare", ["square", "add"], "its tasks are")
    assert said == "; did you mean 'square'? its tasks are: add, square"


def test_without_one_that_is_like_it_the_names_are_listed() -> None:
    assert did_you_mean("xyz", ["square", "add"], "its tasks are") == "; its tasks are: add, square"


def test_a_long_list_is_cut() -> None:
    said = did_you_mean("xyz", [f"task{n}" for n in range(10)], "its tasks are")
    assert said.endswith("task7 and 2 more")


def test_where_there_are_none_it_says_so() -> None:
    assert did_you_mean("xyz", [], "its tasks are") == "; its tasks are: none yet"
