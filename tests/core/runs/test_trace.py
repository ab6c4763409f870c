"""A caller's traceparent is taken when it is one, and every id is the same whoever derives it."""

from __future__ import annotations

import pytest

from orchestrator.core.runs import trace
from tests.core.sample_runs import a_run, a_starting_run

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (GIVEN, GIVEN),
        (f" {GIVEN} ", GIVEN),
        (GIVEN.replace("00-", "42-", 1) + "-of-a-later-version", GIVEN),
        (None, None),
        ("", None),
        (GIVEN + "-more", None),
        (GIVEN.upper(), None),
        ("ff" + GIVEN[2:], None),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", None),
        (f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01", None),
    ],
)
def test_a_header_is_taken_or_ignored(header: str | None, taken: str | None) -> None:
    assert trace.checked(header) == taken


def test_a_run_belongs_to_its_callers_trace() -> None:
    run = a_run(traceparent=GIVEN)
    assert (trace.trace_id(run), trace.parent_span_id(run)) == (GIVEN[3:35], GIVEN[36:52])


def test_the_runs_of_a_tree_share_a_trace_without_a_caller() -> None:
    assert trace.trace_id(a_run(id="trn-2", root_id="trn-1")) == trace.trace_id(a_run())


def test_each_run_and_each_attempt_has_a_span_of_its_own() -> None:
    run, other = a_run(), a_run(id="trn-2")
    spans = [trace.run_span_id(run), trace.run_span_id(other), *(trace.attempt_span_id(run, n) for n in (0, 1))]
    assert len(set(spans)) == len(spans)


def test_what_an_attempt_does_belongs_to_its_span() -> None:
    run = a_starting_run(traceparent=GIVEN)
    assert trace.checked(trace.in_attempt(run, "01")) == f"{GIVEN[:35]}-{trace.attempt_span_id(run, 0)}-01"
