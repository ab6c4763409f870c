from __future__ import annotations

import pytest

from orchestrator.core.container.exits import at_exit, signal_of, verdict
from orchestrator.core.container.forensics import Forensics, Measured
from orchestrator.core.container.spec import ContainerState
from orchestrator.core.runs.run import FailureClass
from orchestrator_runtime import wire


def ended(code: int, *, oom_killed: bool = False, is_unwatched: bool = False) -> ContainerState:
    return ContainerState("c", started_at_ms=1, exit_code=code, oom_killed=oom_killed, is_unwatched=is_unwatched)


def test_out_of_memory_names_plan_memory_and_what_to_do() -> None:
    failure = verdict(ended(137, oom_killed=True), "starter")
    assert failure.cls is FailureClass.OOM
    assert failure.message == (
        "out of memory: used 512 MiB of starter's 512 MiB; use less, or plan='standard' with 2 GiB"
    )


def test_a_child_killed_for_memory_does_not_fail_a_process_that_ended_well() -> None:
    assert verdict(ended(0, oom_killed=True), "starter").cls is FailureClass.EXIT


def test_an_oom_below_its_own_cap_because_all_together_met_theirs_is_not_the_tasks_fault() -> None:
    failure = verdict(ended(137, oom_killed=True), "starter", others_ran_short=True)
    assert failure.cls is FailureClass.INFRA
    assert "within its plan" in failure.message
    assert verdict(ended(0, oom_killed=True), "starter", others_ran_short=True).cls is FailureClass.EXIT


def test_killed_without_an_oom_is_an_exit_by_that_signal() -> None:
    failure = verdict(ended(139), "starter")
    assert failure.cls is FailureClass.EXIT
    assert "SIGSEGV" in failure.message


def test_sys_exit_is_told_by_its_code() -> None:
    assert "exit code 3" in verdict(ended(3), "starter").message


def test_a_container_that_never_started_is_our_fault() -> None:
    failure = verdict(ContainerState("c", error="no such runtime"), "starter")
    assert failure.cls is FailureClass.INFRA
    assert "no such runtime" in failure.message


def test_a_container_that_disappeared_is_our_fault() -> None:
    assert verdict(None, "starter").cls is FailureClass.INFRA


@pytest.mark.parametrize("code", [137, 143, 255])
def test_a_kill_during_an_engine_restart_is_our_fault(code: int) -> None:
    assert verdict(ended(code, is_unwatched=True), "starter").cls is FailureClass.INFRA
    assert verdict(ended(code), "starter").cls is FailureClass.EXIT


def test_a_command_that_is_not_there_is_the_images_fault_and_not_tried_again() -> None:
    failure = verdict(ContainerState("c", error="no such file", cannot_run=True), "starter")
    assert (failure.cls, failure.retryable) == (FailureClass.EXIT, False)
    assert "no such file" in failure.message


def test_out_of_memory_outranks_a_restart_of_the_engine() -> None:
    assert verdict(ended(137, oom_killed=True, is_unwatched=True), "starter").cls is FailureClass.OOM


@pytest.mark.parametrize(("code", "name"), [(None, None), (0, None), (3, None), (137, "SIGKILL"), (255, None)])
def test_an_exit_code_above_128_stands_for_a_signal(code: int | None, name: str | None) -> None:
    assert signal_of(code) == name


def test_a_kill_for_memory_happened_at_the_limit_whatever_was_measured_last() -> None:
    state = ended(137, oom_killed=True)
    found = at_exit(Forensics(memory_limit_bytes=100, measured=Measured(60)), state, verdict(state, "starter"))
    assert (found.measured.peak_memory_bytes, found.measured.oom_kills) == (100, 1)


def test_a_full_heap_of_javascript_is_out_of_memory_though_nothing_was_killed_for_it() -> None:
    failure = verdict(ended(wire.EXIT_HEAP_FULL), "starter")
    assert failure.cls is FailureClass.OOM
    assert failure.message == (
        "out of memory: JavaScript's heap was full; of starter's 512 MiB it may take 384 MiB, or what NODE_OPTIONS says; "
        "use less, or plan='standard' with 2 GiB"
    )
    found = Forensics(memory_limit_bytes=512, measured=Measured(peak_memory_bytes=400))
    assert at_exit(found, ended(wire.EXIT_HEAP_FULL), failure).measured.peak_memory_bytes == 400


def test_no_language_is_told_the_words_of_another() -> None:
    assert "sys.exit" not in verdict(ended(1), "starter").message


def test_a_lost_channel_is_our_fault_only_where_there_was_no_orchestrator_for_a_while() -> None:
    """Anybody can exit with this code: six uncharged executions each."""
    assert verdict(ended(wire.EXIT_CHANNEL_LOST), "starter").cls is FailureClass.EXIT
    assert verdict(ended(wire.EXIT_CHANNEL_LOST), "starter", was_alone=True).cls is FailureClass.INFRA
