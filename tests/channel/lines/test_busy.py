"""A program that says as much as the shim lets it is slowed down where that must be, and never taken for a hostile one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from orchestrator.channel.frames import Frame, Violation
from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator_runtime import wire
from orchestrator_runtime.annotations import Annotations
from orchestrator_runtime.children import Children
from orchestrator_runtime.link import Link, encode
from tests.wait import LIMIT_S

ID = "a" * 32

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
"""How the link's thread is ended here."""


@pytest.fixture
async def link(channel: LineChannel) -> AsyncIterator[Link]:
    """The shim's own end; what it is told ends its reading thread."""
    is_over = threading.Event()

    def receive(frame: object) -> None:
        is_over.set()
        raise SystemExit

    link = Link(await channel.open(ID), receive)
    link.post("ready", encode(wire.Ready(wire.PROTOCOL_VERSION, 0.0)))
    link.start()
    received = await asyncio.wait_for(channel.subscribe(ID).get(), LIMIT_S)
    assert received.frame.type == "ready"
    yield link
    await channel.send(ID, {"type": "ack"})
    assert await asyncio.to_thread(is_over.wait, LIMIT_S)


async def heard(channel: LineChannel, work: Callable[[], None]) -> list[Frame]:
    """All that is said while it works, each dealt with at once, up to its result."""
    working = asyncio.get_running_loop().run_in_executor(None, work)
    frames: list[Frame] = []
    while not frames or not isinstance(frames[-1], wire.Result | Violation):
        received = await asyncio.wait_for(channel.subscribe(ID).get(), LIMIT_S)
        await channel.settle(ID, received)
        frames.append(received.frame)
    await working
    return frames


async def test_a_thousand_words_about_its_progress_in_a_loop(channel: LineChannel, link: Link) -> None:
    said = Annotations(link)

    def work() -> None:
        for step in range(1_000):
            said.add([f"step {step % 7}"], {"step": step}, (step / 1_000, f"{step} of 1000"))
        said.flush()
        link.post("outcome", encode(wire.Result(None)))

    frames = await heard(channel, work)
    assert frames[-1] == wire.Result(None)
    assert isinstance(frames[-2], wire.Annotation)
    assert frames[-2].message == "999 of 1000"


async def test_many_threads_that_chain_runs_and_look_at_them_again_and_again(channel: LineChannel, link: Link) -> None:
    """Each look begins and ends a wait, and each is a frame where no other thread waits."""
    children = Children(link)

    def chain() -> None:
        for number in range(200):
            children.start("task", [number])
            for _ in range(5):
                children.waiting(1)
                children.waiting(-1)

    def work() -> None:
        threads = [threading.Thread(target=chain) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        link.post("outcome", encode(wire.Result(None)))

    frames = await heard(channel, work)
    assert frames[-1] == wire.Result(None)
    assert sum(isinstance(frame, wire.Child) for frame in frames) == 800
