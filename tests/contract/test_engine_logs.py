"""What the engine's contract says of logs, and of what is not yet in one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from orchestrator.core.logs import Unfinished
from tests.contract.conftest import UNKNOWN, Host
from tests.wait import LIMIT_S


async def test_logs_tell_the_streams_apart(host: Host) -> None:
    state = await host.ended("greet")
    lines = {(line.stream, line.message) for line in await host.printed(state.id)}
    assert lines == {("stdout", "to stdout"), ("stderr", "to stderr")}


@pytest.mark.parametrize("follow", [False, True])
async def test_logs_are_complete_to_the_last_line_before_a_kill(host: Host, follow: bool) -> None:
    container_id = await host.started("count")
    if not follow:
        await host.end_of(container_id)
    messages = [line.message for line in await host.printed(container_id, follow=follow)]
    assert messages == [*map(str, range(2000)), "last words"]


async def test_logs_go_on_after_a_moment(host: Host) -> None:
    state = await host.ended("count")
    lines = await host.printed(state.id)
    assert await host.printed(state.id, since_ns=lines[1000].timestamp_ns) == lines[1001:]
    assert await host.printed(state.id, since_ns=lines[-1].timestamp_ns, follow=True) == []


async def test_followed_logs_come_while_it_runs_and_stop_with_it(host: Host) -> None:
    container_id = await host.started("say goodbye")
    messages = []
    async with asyncio.timeout(LIMIT_S):
        async for batch in host.engine.logs(container_id, follow=True):
            messages += [line.message for line in batch]
            if messages == ["ready"]:
                await host.engine.signal(container_id, "SIGTERM")
    assert messages == ["ready", "goodbye after SIGTERM"]


async def test_following_can_be_given_up(host: Host) -> None:
    container_id = await host.ready("sleep")
    following = asyncio.create_task(host.printed(container_id, follow=True))
    await asyncio.wait([following], timeout=0.05)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def test_what_never_ran_has_no_logs(host: Host) -> None:
    assert await host.printed(await host.created("greet"), follow=True) == []
    assert await host.printed(UNKNOWN, follow=True) == []


async def test_what_is_begun_is_seen_as_it_changes_until_its_line_ends(host: Host) -> None:
    container_id = await host.ready("show progress")
    seen: list[str] = []
    async with (
        asyncio.timeout(LIMIT_S),
        aclosing(host.engine.unfinished(await host.channel_of(container_id))) as states,
    ):
        async for lines in states:
            seen.append(lines.get("stdout", ""))
            if len(seen) == 3:
                await host.engine.signal(container_id, "SIGTERM")
            if "stdout" not in lines:
                break
    assert all(text.endswith(" of many") for text in seen[:3])
    assert len(set(seen[:3])) == 3
    await host.engine.signal(container_id, "SIGTERM")
    await host.end_of(container_id)
    assert {line.message for line in await host.printed(container_id)} == {"ready", "loading", "all of them"}


async def test_what_is_begun_may_be_left_and_looked_at_again_and_ends_with_the_container(host: Host) -> None:
    container_id = await host.ready("show progress")
    channel_id = await host.channel_of(container_id)
    for _ in range(3):
        async with asyncio.timeout(LIMIT_S), aclosing(host.engine.unfinished(channel_id)) as states:
            assert (await anext(states))["stdout"].endswith(" of many")
    async with asyncio.timeout(LIMIT_S), aclosing(host.engine.unfinished(channel_id)) as states:
        await anext(states)
        await host.engine.signal(container_id, "SIGKILL")
        await _all_of(states)


async def test_a_flood_is_let_go_of_and_not_slowed_down(host: Host) -> None:
    container_id = await host.ready("flood")
    async with (
        asyncio.timeout(LIMIT_S),
        aclosing(host.engine.unfinished(await host.channel_of(container_id))) as states,
    ):
        await anext(states)
        await host.engine.signal(container_id, "SIGTERM")
        await _all_of(states)
    await host.end_of(container_id)
    printed = await host.printed(container_id)
    assert (len(printed), printed[-1].message) == (20_002, "last words")


@pytest.mark.parametrize("scenario", ["", "greet"])
async def test_nothing_is_begun_where_nothing_runs(host: Host, scenario: str) -> None:
    channel_id = "none"
    if scenario:
        channel_id = await host.channel_of(await host.started(scenario))
        await host.end_of(host.made[0])
    async with asyncio.timeout(LIMIT_S):
        assert await _all_of(host.engine.unfinished(channel_id)) == []


async def _all_of(states: AsyncGenerator[Unfinished, None]) -> list[Unfinished]:
    return [lines async for lines in states]
