"""Docker's stand-ins for "not yet" do not reach anybody."""

from __future__ import annotations

from typing import Any

from orchestrator.core.container.spec import ContainerState
from orchestrator.engine.docker.state import container_state

NEVER = "0001-01-01T00:00:00Z"


def inspected(**state: object) -> dict[str, Any]:
    defaults = {"Running": False, "StartedAt": NEVER, "ExitCode": 0, "OOMKilled": False, "Error": ""}
    return {"Id": "c1", "Config": {"Labels": {"a": "b"}}, "State": defaults | state}


def test_a_created_container_has_no_exit_code() -> None:
    assert container_state(inspected()) == ContainerState("c1", {"a": "b"})


def test_a_container_that_failed_to_start_has_an_error_and_no_exit_code() -> None:
    state = container_state(inspected(ExitCode=127, Error="no such file"))
    assert (state.exit_code, state.error, state.has_exited) == (None, "no such file", False)


def test_a_running_container_has_a_start_and_no_exit_code() -> None:
    state = container_state(inspected(Running=True, StartedAt="1970-01-01T00:00:02.123456789Z"))
    assert (state.running, state.started_at_ms, state.exit_code) == (True, 2123, None)


def test_an_ended_container_has_both() -> None:
    state = container_state(inspected(StartedAt="1970-01-01T00:00:02Z", ExitCode=137, OOMKilled=True))
    assert state == ContainerState("c1", {"a": "b"}, started_at_ms=2000, exit_code=137, oom_killed=True)


def test_an_ended_container_says_when() -> None:
    times = {"StartedAt": "1970-01-01T00:00:02Z", "FinishedAt": "1970-01-01T00:00:03.5Z"}
    assert container_state(inspected(**times)).ended_at_ms == 3500
    assert container_state(inspected(**times, Running=True)).ended_at_ms is None, "of a life before"


def test_no_labels_are_an_empty_mapping() -> None:
    assert container_state(inspected() | {"Config": {"Labels": None}}).labels == {}
