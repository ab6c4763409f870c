from __future__ import annotations

import pytest

from orchestrator.core.runs.run import Failure, FailureClass, Status
from orchestrator.store import ids
from orchestrator.store.runs.filter import Filter
from orchestrator.store.runs.indexes import WORDS
from tests.core.sample_runs import a_run

FAILED = a_run(status=Status.FAILED, failure=Failure(FailureClass.ERROR, "Card\nDECLINED", "PaymentError"))


@pytest.mark.parametrize("text", ["declined", "Card\n", "paymenterror: card"])
def test_a_text_is_searched_in_the_error_in_whatever_case(text: str) -> None:
    assert Filter(text=text).accepts(FAILED)


def test_a_run_without_an_error_has_no_text() -> None:
    assert not Filter(text="declined").accepts(a_run())


def test_a_text_is_looked_for_only_where_there_may_be_errors() -> None:
    assert Filter(text="x").words == {"failed", "canceled"}
    assert Filter(text="x", statuses=frozenset({Status.FAILED})).words == {"failed"}
    assert Filter(text="x", statuses=frozenset({Status.QUEUED})).words == set()


def test_only_roots_are_those_that_no_run_asked_for() -> None:
    assert Filter(roots_only=True).accepts(a_run())
    assert not Filter(roots_only=True).accepts(a_run(id="trn-2"))


def test_times_and_beginnings_are_bounds_of_ids() -> None:
    assert Filter().bounds == ("-", "+")
    assert Filter(id_prefix="trn-06").bounds == ("[trn-06", "(trn-06~")
    bounds = Filter(created_from_ms=5, created_before_ms=9).bounds
    assert bounds == (f"[{ids.lowest('trn', 5)}", f"({ids.lowest('trn', 9)}")


def test_of_two_bounds_the_narrower_counts() -> None:
    later = ids.lowest("trn", 2**40)
    assert Filter(id_prefix=later[:8], created_from_ms=0).bounds[0] == f"[{later[:8]}"
    assert Filter(id_prefix="trn-0", created_from_ms=2**40).bounds[0] == f"[{later}"


def test_tags_alone_are_one_group() -> None:
    (group,) = Filter(tags=frozenset({"a:b", "ü"})).groups(are_roots_indexed=True)
    assert set(group.keys) == {"orc:runs:tag:%C3%BC", "orc:runs:tag:a%3Ab"}
    assert not group.is_disjoint


def test_tags_of_a_status_are_two() -> None:
    wanted = Filter(tags=frozenset({"a"}), statuses=frozenset({Status.FAILED}))
    assert [group.keys for group in wanted.groups(are_roots_indexed=True)] == [
        ("orc:runs:failed",),
        ("orc:runs:tag:a",),
    ]


def test_roots_have_an_index_once_all_are_in_it() -> None:
    wanted = Filter(roots_only=True, statuses=frozenset({Status.FAILED}))
    assert [group.keys for group in wanted.groups(are_roots_indexed=True)] == [("orc:runs:roots:failed",)]
    assert [group.keys for group in wanted.groups(are_roots_indexed=False)] == [("orc:runs:failed",)]


def test_one_status_of_several_is_that_status() -> None:
    wanted = Filter(statuses=frozenset({Status.QUEUED, Status.FAILED}))
    assert wanted.only("failed").statuses == {Status.FAILED}
    assert wanted.only("pending").statuses == {Status.QUEUED}
    assert [word for word in WORDS if word in Filter().only("running").words] == ["running"]
