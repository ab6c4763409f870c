"""What listens to runs can do them no harm."""

from __future__ import annotations

import pytest

from orchestrator.core.container.forensics import UNSEEN, Forensics
from orchestrator.core.runs.events import Event, ShimReady
from orchestrator.core.runs.run import Run
from orchestrator.telemetry.observers import Observers
from tests.core.sample_runs import a_running_run


class Broken:
    def changed(self, event: Event, run: Run) -> None:
        raise RuntimeError("broken")

    def left(self, run: Run, attempt: int, found: Forensics) -> None:
        raise RuntimeError("broken")


class Listening:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def changed(self, event: Event, run: Run) -> None:
        self.heard.append(event)

    def left(self, run: Run, attempt: int, found: Forensics) -> None:
        self.heard.append(attempt)


def test_one_that_fails_is_logged_and_the_others_hear_everything(caplog: pytest.LogCaptureFixture) -> None:
    listening = Listening()
    observers = Observers(Broken(), listening)
    observers.changed(ShimReady(), a_running_run())
    observers.left(a_running_run(), 0, UNSEEN)
    assert listening.heard == [ShimReady(), 0]
    assert caplog.text.count("an observer of runs failed") == 2
