"""The chained runs of one attempt; whole trees are in scenarios/test_chaining.py."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Run
from orchestrator.scheduler.attempt.children import REPEATS_LIMIT, ChildDesk, Insistent
from orchestrator.scheduler.attempt.outbox import Outbox, Tell
from orchestrator.store.runs.store import MAX_DEPTH
from orchestrator_runtime import wire
from tests.core.sample_runs import a_running_run, after
from tests.scheduler.recorder import Stage


def asked(call: int = 0, task: str = "square", value: object = 7) -> wire.Child:
    return wire.Child(type="child", call=call, task=task, input=[value])


class KeptOutbox(Outbox):
    """Tells nothing by itself."""

    def __init__(self) -> None:
        self.kept: dict[Hashable, Tell] = {}

    def put(self, key: Hashable, tell: Tell) -> None:
        self.kept[key] = tell


class Desk:
    """The desk of a run that is running; what it puts into the outbox is told by `tell`."""

    def __init__(self, parent: Run) -> None:
        self.stage = Stage()
        self.outbox = KeptOutbox()
        self.desk = ChildDesk(self.stage.context, parent, "c", self.outbox)

    @property
    def sent(self) -> list[dict[str, Any]]:
        return self.stage.channel.sent

    async def tell(self) -> None:
        for tell in self.outbox.kept.values():
            await tell()
        self.outbox.kept.clear()

    def child_ends(self, event: ev.Event, result_json: str | None = None) -> str:
        (child,) = (run for run in self.stage.runs.runs.values() if run.call)
        running = after(child, ev.Claimed(2_000_000), ev.ShimReady())
        self.stage.runs.runs[child.id] = after(running, event)
        if result_json is not None:
            self.stage.runs.results[child.id] = result_json
        return child.id


@pytest.fixture
async def desk() -> Desk:
    return Desk(a_running_run())


async def test_a_child_is_created_and_answered_with_its_value_when_it_ends(desk: Desk) -> None:
    await desk.desk.create(asked(call=3))
    assert desk.desk.has_unanswered
    desk.desk.answer(desk.child_ends(ev.ResultReported(), "49"))
    await desk.tell()
    assert [(one["type"], one["call"], one["value"]) for one in desk.sent] == [("child_done", 3, "49")]
    assert not desk.desk.has_unanswered


async def test_a_child_that_has_not_ended_is_not_answered(desk: Desk) -> None:
    await desk.desk.create(asked())
    (child_id,) = desk.stage.runs.runs
    desk.desk.answer(child_id)
    await desk.tell()
    assert (desk.sent, desk.desk.has_unanswered) == ([], True)


async def test_nobody_is_answered_twice_nor_for_a_child_of_somebody_else(desk: Desk) -> None:
    await desk.desk.create(asked())
    child_id = desk.child_ends(ev.ResultReported(), "49")
    for _ in range(2):
        desk.desk.answer(child_id)
        await desk.tell()
    desk.desk.answer("trn-of-another")
    assert (len(desk.sent), desk.outbox.kept) == (1, {})


@pytest.mark.parametrize(
    ("child", "kind", "words"),
    [
        (asked(task="cube"), wire.REFUSED_TASK, "this workflow has no task 'cube'"),
        (asked(value="x" * wire.INPUT_LIMIT_BYTES), wire.REFUSED_INPUT, "is over the limit"),
    ],
)
async def test_what_cannot_be_created_is_refused_at_once(desk: Desk, child: wire.Child, kind: str, words: str) -> None:
    await desk.desk.create(child)
    (answer,) = desk.sent
    assert (answer["error"]["status"], answer["error"]["type"]) == ("refused", kind)
    assert words in answer["error"]["message"]
    assert desk.stage.commands == ["channel.send child_done"]


async def test_a_chain_without_an_end_is_refused() -> None:
    desk = Desk(replace(a_running_run(), depth=MAX_DEPTH))
    await desk.desk.create(asked())
    assert desk.sent[0]["error"]["type"] == wire.REFUSED_DEPTH


async def test_who_asks_for_the_same_again_and_again_breaks_the_rules(desk: Desk) -> None:
    for _ in range(REPEATS_LIMIT):
        await desk.desk.create(asked(task="cube"))
    with pytest.raises(Insistent, match="asked for its chained run 0 more than"):
        await desk.desk.create(asked(task="cube"))
