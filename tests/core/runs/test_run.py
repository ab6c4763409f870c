from __future__ import annotations

from orchestrator.core.runs.run import ACTIVE, TERMINAL, WIRE_STATUS, Attempt, Call, Status
from tests.core.sample_runs import a_run


def test_every_status_has_a_word_on_the_wire() -> None:
    assert set(WIRE_STATUS) == set(Status)


def test_no_status_is_active_and_terminal_at_once() -> None:
    assert not ACTIVE & TERMINAL


def test_attempts_are_counted_from_0() -> None:
    assert a_run().attempt == -1
    assert a_run(attempts=(Attempt(0, 1),)).attempt == 0


def test_only_a_chained_run_has_a_parent() -> None:
    assert a_run().parent_id is None
    assert a_run(call=Call("trn-0", 0, 1)).parent_id == "trn-0"
