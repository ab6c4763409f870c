"""Each step is measured from what came before it, and what is not known is left out."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs.run import Attempt
from orchestrator.core.runs.steps import steps

COLD = Attempt(
    0,
    claimed_at_ms=110,
    queued_at_ms=100,
    started_at_ms=500,
    ended_at_ms=900,
    forensics=Forensics(
        created_at_ms=200,
        container_started_at_ms=300,
        ready_at_ms=450,
        first_line_at_ms=510,
        acknowledged_at_ms=901,
        removed_at_ms=950,
    ),
)


def durations(attempt: Attempt) -> dict[str, int]:
    return {step.name: step.to_ms - step.from_ms for step in steps(attempt)}


def test_an_attempts_steps_add_up_to_its_whole_way() -> None:
    assert durations(COLD) == {
        "claimed": 10,
        "created": 90,
        "started": 100,
        "ready": 150,
        "assigned": 50,
        "first_line": 10,
        "finished": 390,
        "acknowledged": 1,
        "removed": 49,
    }


def test_what_came_before_the_claim_is_no_step_of_an_attempt_in_a_warm_container() -> None:
    warm = replace(
        COLD,
        forensics=replace(COLD.forensics, is_warm=True, created_at_ms=1, container_started_at_ms=2, ready_at_ms=111),
    )
    assert list(durations(warm))[:3] == ["claimed", "ready", "assigned"]
    assert durations(warm)["ready"] == 1


def test_of_an_attempt_that_never_began_there_is_the_wait_and_the_end() -> None:
    lost = Attempt(0, claimed_at_ms=110, queued_at_ms=100, started_at_ms=110, ended_at_ms=150)
    assert durations(lost) == {"claimed": 10, "finished": 40}


def test_a_clock_that_was_set_back_makes_no_step_negative() -> None:
    odd = replace(COLD, forensics=Forensics(created_at_ms=50, ready_at_ms=40))
    assert all(took >= 0 for took in durations(odd).values())


def test_an_attempt_of_an_earlier_release_begins_with_its_claim() -> None:
    assert "claimed" not in durations(replace(COLD, queued_at_ms=None))
