"""``make soak``: a mixed load on an orchestrator of its own for half an hour; ends with 1 when something goes on growing."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from dataclasses import astuple
from pathlib import Path
from typing import Final

import docker
import httpx

from orchestrator.redis.client import connect
from orchestrator.redis.server import own_servers
from tests.live_instance import LiveInstance, while_up
from tests.soak.load import Load
from tests.soak.samples import NAMES, Sample, grown, growth, look

KINDS: Final = Path(__file__).parent.parent / "e2e" / "kinds"
SETTINGS: Final = {
    "ORCHESTRATOR_NETWORK": "none",
    "ORCHESTRATOR_KEEP_RUNS_MAX": "100",
    "ORCHESTRATOR_KEEP_INTERVAL_S": "5",
    "ORCHESTRATOR_WARM": "imported",
}
"""Few runs are kept, so that it is soon at its height."""
SAMPLES: Final = 60


async def soak(instance: LiveInstance, minutes: float) -> list[Sample]:
    """The samples of so long a load."""
    samples = []
    store, _ = own_servers(instance.home, instance.data_dir.secret())
    headers = {"Authorization": f"Bearer {instance.data_dir.api_key()}"}
    async with (
        connect(store.url) as client,
        httpx.AsyncClient(base_url=instance.url, headers=headers, timeout=60) as api,
    ):
        load = Load(api, "kinds", seed=1)
        loading = asyncio.ensure_future(load.run())
        begin_s = time.monotonic()
        for number in range(1, SAMPLES + 1):
            await asyncio.sleep(max(0, begin_s + number * minutes * 60 / SAMPLES - time.monotonic()))
            assert instance.process is not None
            store_bytes = (await client.info("memory"))["used_memory"]
            samples.append(look(instance.process.pid, store_bytes, instance.home))
            shown = "  ".join(f"{value:8.1f}" for value in astuple(samples[-1]))
            print(f"{time.monotonic() - begin_s:7.0f} s  {shown}  {load.asked} runs", flush=True)  # noqa: T201
        loading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loading
    print(dict(sorted(load.answers.items())))  # noqa: T201
    return samples


def main() -> int:
    """Soak, and judge."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        client = docker.APIClient(version="auto")
        for instance in while_up(LiveInstance(Path(folder) / "data", SETTINGS), client):
            version = instance.deploy(KINDS, "kinds", env={"PYTHONPATH": "lib"})
            assert version["status"] == "ready", version
            print(f"{'':9}  {'  '.join(f'{name:>12}' for name in NAMES)}")  # noqa: T201
            samples = asyncio.run(soak(instance, options.minutes))
    print("more in the last quarter than in the second:", growth(samples))  # noqa: T201
    if names := grown(samples):
        print(f"these went on growing: {', '.join(names)}")  # noqa: T201
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
