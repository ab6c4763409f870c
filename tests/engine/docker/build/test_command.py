from __future__ import annotations

import os
from asyncio.subprocess import PIPE, STDOUT

from orchestrator.engine.docker.build.command import lines, running
from tests.wait import wait_until


async def test_lines_come_as_they_are_printed_and_the_exit_code_at_the_end() -> None:
    async with running("sh", "-c", "echo a; echo b >&2; exit 3", stderr=STDOUT) as process:
        assert [line async for line in lines(process.stdout)] == ["a", "b"]
    assert process.returncode == 3


async def test_a_line_nobody_would_read_is_left_out() -> None:
    async with running("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo b", stderr=PIPE) as process:
        assert [line async for line in lines(process.stdout)][-1] == "b"


async def test_a_command_that_is_left_early_is_ended_with_all_it_started() -> None:
    try:
        async with running("sh", "-c", "sleep 1000 & echo $!; wait", stderr=PIPE) as process:
            child = int(await anext(lines(process.stdout)))
            raise LookupError
    except LookupError:
        pass

    async def is_gone() -> bool:
        return _is_gone(child)

    await wait_until(is_gone, "the command's child to end")


def _is_gone(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return not os.path.exists(f"/proc/{pid}")
