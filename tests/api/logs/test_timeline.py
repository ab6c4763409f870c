"""Lines of several runs in the order of their times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from orchestrator.api.deps import Services
from orchestrator.api.logs.timeline import Window, timeline
from orchestrator.core.logs import LogLine
from orchestrator.core.runs.run import Run
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from orchestrator.store.logs import Batch
from tests.api.support import deployed

BEGIN_NS = deployed.now_ms() * 1_000_000


async def printed(services: Services, run: Run, attempt: int, *batches: list[int]) -> None:
    writer = services.logs.writer(keys.run_logs(run.id, attempt))
    for batch in batches:
        await writer.append([LogLine(BEGIN_NS + at, "stdout", f"{at}") for at in batch])


async def times(services: Services, window: Window, *runs: Run) -> list[int]:
    return [one.line.timestamp_ns - BEGIN_NS async for one in timeline(runs, services.logs, window)]


@pytest.mark.parametrize("backward", [False, True])
async def test_runs_are_merged_whatever_their_batches_are(services: Services, maths: Version, backward: bool) -> None:
    one, other, silent = [await deployed.running(services, maths) for _ in range(3)]
    await printed(services, one, 0, [0, 5], [6, 7])
    await printed(services, other, 0, [1, 2], [3, 9])
    window = Window(BEGIN_NS, BEGIN_NS + 9, backward)
    in_order = [0, 1, 2, 3, 5, 6, 7]
    assert await times(services, window, one, other, silent) == (in_order[::-1] if backward else in_order)


@pytest.mark.parametrize(("backward", "expected"), [(False, [0, 1, 2, 3]), (True, [3, 2, 1, 0])])
async def test_attempts_follow_each_other(
    services: Services, maths: Version, backward: bool, expected: list[int]
) -> None:
    run = await deployed.running(services, maths)
    run = replace(run, attempts=(*run.attempts, replace(run.attempts[0], number=1)))
    await printed(services, run, 0, [0, 1])
    await printed(services, run, 1, [2, 3])
    assert await times(services, Window(BEGIN_NS, BEGIN_NS + 4, backward), run) == expected


@pytest.mark.parametrize("backward", [False, True])
async def test_only_the_batches_that_are_needed_are_understood(
    services: Services, maths: Version, backward: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await deployed.running(services, maths)
    await printed(services, run, 0, *([at, at + 1] for at in range(0, 40, 2)))
    understood, lines = [], Batch.lines
    monkeypatch.setattr(Batch, "lines", lambda batch: understood.append(batch.entry) or lines(batch))  # type: ignore[func-returns-value]
    reading = timeline([run], services.logs, Window(BEGIN_NS, BEGIN_NS + 99, backward))
    first = await anext(reading)
    await reading.aclose()  # type: ignore[attr-defined]
    assert (first.line.message, len(understood)) == ("39" if backward else "0", 1)
    assert await times(services, Window(BEGIN_NS, BEGIN_NS + 99, backward, ["none has this"]), run) == []
    assert len(understood) == 1


def test_a_window_begins_and_ends_at_times() -> None:
    day = datetime(2026, 1, 2, tzinfo=UTC)
    window = Window.between(day, day.replace(microsecond=1), backward=False, texts=[])
    assert (window.start_ns, window.end_ns - window.start_ns) == (1_767_312_000_000_000_000, 1_000)
