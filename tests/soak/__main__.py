"""``make soak``: a mixed load on an orchestrator of its own for half an hour; ends with 1 when something goes on growing."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Final

import docker
import httpx

from orchestrator.redis.client import connect
from orchestrator.redis.server import own_servers
from orchestrator.store import keys
from tests.live_instance import LiveInstance, while_up
from tests.soak.kinds import bytes_by_kind, table
from tests.soak.load import Load
from tests.soak.samples import NAMES, Sample, grown, growth, look

KINDS: Final = Path(__file__).parent.parent / "e2e" / "kinds"
SETTINGS: Final = {
    "ORCHESTRATOR_NETWORK": "none",
    "ORCHESTRATOR_KEEP_RUNS_MAX": "100",
    "ORCHESTRATOR_KEEP_INTERVAL_S": "5",
    "ORCHESTRATOR_WARM": "imported",
}
"""Few runs are kept, so that it is soon at its height. The feed, which keeps 20,000 entries whatever is set, is not judged."""
SAMPLES: Final = 60
_STOP_S: Final = 180


async def soak(instance: LiveInstance, minutes: float, pause_s: float) -> list[Sample]:
    """The samples of so long a load, whose clients rest for so long between two requests."""
    samples: list[Sample] = []
    quarter: Mapping[str, int] = {}
    store, _ = own_servers(instance.home, instance.data_dir.secret())
    headers = {"Authorization": f"Bearer {instance.data_dir.api_key()}"}
    async with (
        connect(store.url) as client,
        httpx.AsyncClient(base_url=instance.url, headers=headers, timeout=60) as api,
    ):
        load = Load(api, "kinds", seed=1, pause_s=pause_s)
        loading = asyncio.ensure_future(load.run())
        begin_s = time.monotonic()
        for number in range(1, SAMPLES + 1):
            await asyncio.sleep(max(0, begin_s + number * minutes * 60 / SAMPLES - time.monotonic()))
            assert instance.process is not None
            feed_bytes = await client.memory_usage(keys.FEED)
            store_bytes = (await client.info("memory"))["used_memory"] - feed_bytes
            samples.append(look(instance.process.pid, store_bytes, instance.home))
            shown = "  ".join(f"{value:8.1f}" for value in astuple(samples[-1]))
            at = f"{time.monotonic() - begin_s:7.0f} s  {shown}  {load.asked} runs, feed {feed_bytes / 2**20:.1f}"
            print(at, flush=True)  # noqa: T201
            if number == SAMPLES // 4:
                quarter = await bytes_by_kind(client)
        loading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loading
        print(f"of the store, at the end of the first quarter and now:\n{table(quarter, await bytes_by_kind(client))}")  # noqa: T201
    print(dict(sorted(load.answers.items())))  # noqa: T201
    return samples


def _stop(instance: LiveInstance) -> None:
    """It may have much to take away, on a host that is busy with it."""
    assert instance.process is not None
    begin_s = time.monotonic()
    instance.process.terminate()
    instance.process.wait(_STOP_S)
    print(f"it ended within {time.monotonic() - begin_s:.0f} s")  # noqa: T201


def main() -> int:
    """Soak, and judge."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--pause-s", type=float, default=0.5, help="between two requests of a client, on average")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        client = docker.APIClient(version="auto")
        for instance in while_up(LiveInstance(Path(folder) / "data", SETTINGS), client):
            version = instance.deploy(KINDS, "kinds", env={"PYTHONPATH": "lib"})
            assert version["status"] == "ready", version
            print(f"{'':9}  {'  '.join(f'{name:>12}' for name in NAMES)}")  # noqa: T201
            samples = asyncio.run(soak(instance, options.minutes, options.pause_s))
            _stop(instance)
    print("more in the last quarter than in the second:", growth(samples))  # noqa: T201
    if names := grown(samples):
        print(f"these went on growing: {', '.join(names)}")  # noqa: T201
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
