"""An orchestrator on the fake engine, in a process that can be killed: `python -m tests.ui.support.instance HOME PORT`."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from orchestrator.app.composition import running
from orchestrator.app.data_dir import DataDir
from orchestrator.app.instance import Running
from orchestrator.app.settings import Settings
from orchestrator.core.container.spec import LABEL_CHANNEL
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.fake.process import FakeProcess, Program
from orchestrator.redis.server import own_servers
from orchestrator.store.connection import connect, connect_binary
from orchestrator.store.env_cipher import EnvCipher
from orchestrator.store.logs import LogStore
from orchestrator.store.runs.store import RunStore
from orchestrator.store.workflows.store import WorkflowStore
from orchestrator_runtime import wire
from tests.scheduler.shim_program import Function, Task, shim_program
from tests.ui.support import demo
from tests.ui.support.story import IMAGE

_SEEDED: Final = "seeded"


async def main(home: Path, port: int) -> None:
    """Until it is killed."""
    data_dir = DataDir(home)
    await _seed_once(data_dir)
    engine = FakeEngine(data_dir.instance(), {IMAGE: _beside(shim_program(FUNCTIONS), data_dir.lines)})
    await engine.keep_image(IMAGE)
    settings = Settings(data_dir=home, port=port, sweep_s=2, grace_s=1, lease_s=2)
    async with running(settings, engine) as instance:
        _say(instance)
        await asyncio.Event().wait()


def _say(instance: Running) -> None:
    print(instance.url, flush=True)  # noqa: T201


async def _seed_once(data_dir: DataDir) -> None:
    """Fill the store that the instance will find running."""
    server, _ = own_servers(data_dir.path, data_dir.secret(), fsync="no")
    await server.start()
    client, binary = connect(server.url), connect_binary(server.url)
    if not (data_dir.path / _SEEDED).exists():
        workflows = WorkflowStore(client, binary, EnvCipher(data_dir.env_key(EnvCipher.new_key)))
        await demo.seed(RunStore(client), LogStore(client), workflows, time.time_ns() // 1_000_000)
        if count := int(os.environ.get("UI_TREE", "0")):
            await demo.wide_tree(RunStore(client), LogStore(client), workflows, count, time.time_ns() // 1_000_000)
        (data_dir.path / _SEEDED).touch()
    await client.aclose()
    await binary.aclose()


def _beside(program: Program, lines: Path) -> Program:
    """The program told where its socket is on this host: nothing is mounted into a fake container."""

    async def told(process: FakeProcess) -> int:
        socket = lines / process.spec.labels[LABEL_CHANNEL] / Path(wire.CHANNEL_SOCKET).name
        process.spec = replace(process.spec, env={**process.spec.env, wire.ENV_CHANNEL_URL: f"unix://{socket}"})
        return await program(process)

    return told


async def daily_report(task: Task, *_: object, **__: object) -> str:
    orders = [await task.start_child("charge", order) for order in range(12)]
    await task.wait_for(*orders)
    return "report.pdf"


async def charge(task: Task, order: int = 0) -> str:
    task.process.print(f"charging order {order}")
    await asyncio.sleep(0.2)
    if order == demo.BAD_ORDER:
        raise ValueError(f"order {order} was declined")
    return f"rcpt_{order}"


async def thumbnail(task: Task, url: str) -> str:
    task.process.print(f"making a thumbnail of {url}")
    return f"{url}_thumb.webp"


async def watch(task: Task, seconds: float) -> int:
    """Print a line every tenth of a second."""
    for number in range(int(seconds * 10)):
        task.process.print(f"line {number}")
        await asyncio.sleep(0.1)
    return int(seconds * 10)


async def upload(task: Task, seconds: float) -> str:
    """Write over one line, and end it."""
    for number in range(int(seconds * 10)):
        task.process.write(f"\r{number} files of many")
        await asyncio.sleep(0.1)
    task.process.write("\rall files\n")
    return "all"


async def wide(task: Task, count: int, seconds: float) -> int:
    children = [await task.start_child("watch", seconds) for _ in range(count)]
    return sum(await task.wait_for(*children))


FUNCTIONS: Final[dict[str, Function]] = {
    "daily_report": daily_report, "charge": charge, "thumbnail": thumbnail, "watch": watch, "wide": wide,
    "upload": upload,
    "encode": thumbnail, "transcode": thumbnail, "fetch_orders": thumbnail, "render_pdf": thumbnail,
}  # fmt: skip

if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
