from __future__ import annotations

from orchestrator.core.container.spec import ContainerIdentity, ContainerState, Role
from orchestrator.core.reconcile import Adopt, Lost, Orphan, reconcile
from orchestrator.core.runs.run import Run
from tests.core.sample_runs import a_run, a_running_run


def container_of(run: Run, *, fence: int | None = None) -> ContainerState:
    identity = ContainerIdentity(
        "me", Role.ATTEMPT, "n" * 32, run.id, run.attempt, run.fence if fence is None else fence
    )
    return ContainerState(f"container of {run.id}", identity.labels(), running=True, started_at_ms=1)


def test_a_running_container_nobody_looks_after_is_adopted() -> None:
    run = a_running_run()
    assert reconcile([run], [container_of(run)], {}) == [Adopt(run, container_of(run))]


def test_a_supervised_attempt_is_left_alone() -> None:
    run = a_running_run()
    assert reconcile([run], [container_of(run)], {run.id: run.fence}) == []


def test_an_attempt_without_a_container_is_lost() -> None:
    run = a_running_run()
    assert reconcile([run], [], {}) == [Lost(run)]


def test_a_container_of_an_earlier_claim_is_an_orphan() -> None:
    run = a_running_run()
    stale = container_of(run, fence=run.fence - 1)
    assert Orphan(stale) in reconcile([run], [stale], {run.id: run.fence})


def test_a_container_of_a_queued_run_is_an_orphan() -> None:
    stale = container_of(a_running_run())
    assert reconcile([a_run()], [stale], {}) == [Orphan(stale)]


def test_a_container_that_is_still_being_cleaned_up_is_left_to_its_supervisor() -> None:
    stale = container_of(a_running_run())
    assert reconcile([], [stale], {}, frozenset({stale.id})) == []


def test_a_registration_left_by_a_crash_is_an_orphan() -> None:
    left = ContainerState("r", ContainerIdentity("me", Role.REGISTER, "n").labels(), running=True)
    assert reconcile([], [left], {}) == [Orphan(left)]
