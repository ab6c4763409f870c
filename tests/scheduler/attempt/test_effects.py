"""What follows from a change of the run; in which order a whole supervisor does it is in test_supervisor_commands.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Run, Status
from orchestrator.engine.base import EngineUnavailable
from orchestrator.scheduler.attempt.container import AttemptContainer
from orchestrator.scheduler.attempt.effects import Effects
from orchestrator.scheduler.attempt.inbox import Inbox
from orchestrator.scheduler.attempt.outages import Outages
from orchestrator.scheduler.attempt.run import AttemptRun
from orchestrator.scheduler.attempt.termination import Termination
from tests.core.sample_runs import a_running_run, a_starting_run
from tests.scheduler.recorder import Stage


class Attempt:
    """The effects of one run's attempt, and what they work on."""

    def __init__(self, run: Run) -> None:
        self.stage = Stage()
        self.stage.runs.runs[run.id] = run
        context = self.stage.context
        container = AttemptContainer(context, run, None)
        self.termination = Termination(context, container)
        outages = Outages(Inbox(run.id), lambda _: False)
        self.effects = Effects(context, AttemptRun(context, run), container, self.termination, outages)


async def test_the_shim_that_is_ready_is_given_its_run() -> None:
    attempt = Attempt(a_starting_run())
    assert await attempt.effects.change(ev.ShimReady())
    assert attempt.stage.commands == ["store.apply starting to running", "store.get_input", "channel.send assign"]


async def test_an_outcome_is_acknowledged_and_the_container_has_a_while_to_end() -> None:
    attempt = Attempt(a_running_run())
    assert await attempt.effects.change(ev.ResultReported(), "49")
    assert attempt.stage.commands == ["store.apply running to completed", "channel.send ack"]
    assert attempt.termination.kill_at_ms is not None


async def test_nothing_follows_twice() -> None:
    attempt = Attempt(a_running_run())
    await attempt.effects.change(ev.ResultReported(), "49")
    attempt.stage.commands.clear()
    assert not await attempt.effects.change(ev.ResultReported(), "50")
    assert attempt.stage.commands == []


async def test_an_effect_is_tried_until_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = Attempt(a_running_run())
    failures, send = [EngineUnavailable("away")], attempt.stage.channel.send

    async def lossy(channel_id: str, frame: dict[str, object], **texts: str) -> None:
        if failures:
            raise failures.pop()
        await send(channel_id, frame, **texts)

    monkeypatch.setattr(attempt.stage.channel, "send", lossy)
    assert await attempt.effects.change(ev.ResultReported(), "49")
    assert attempt.stage.commands == ["store.apply running to completed", "channel.send ack"]


async def test_the_container_of_an_attempt_that_others_ended_is_killed_in_a_while() -> None:
    run = a_running_run()
    attempt = Attempt(run)
    attempt.stage.runs.runs[run.id] = replace(run, status=Status.CANCELED)
    await attempt.effects.look()
    assert attempt.termination.kill_at_ms is not None
