"""``make hostile``: containers that try to harm all others, one attack after the other.

The canary, a run a second that does nothing, sees whether they do. Each attack is compared with as many containers that honestly
spin. Ends with 1 when a p99 is more than three times that, a run of the canary fails, whoever broke a rule is not stopped by its
name, or things are not as before soon after.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import docker
import httpx
import redis

from orchestrator.host import processes
from orchestrator.redis.server import own_servers
from tests.hostile.attacks import ATTACKS, Attack
from tests.hostile.canary import LIMIT_S, Canary
from tests.hostile.report import HEAD, row
from tests.hostile.trial import Trial
from tests.hostile.watch import Held, Watch
from tests.live_instance import LiveInstance, while_up

TASKS: Final = Path(__file__).parent / "tasks"
WORKFLOW: Final = "hostile"
SETTINGS: Final = {
    "ORCHESTRATOR_STORE_MEMORY_BYTES": str(512 * 1024 * 1024),
    "ORCHESTRATOR_KEEP_RUNS_MAX": "40",
    "ORCHESTRATOR_KEEP_INTERVAL_S": "2",
    "ORCHESTRATOR_WARM": "imported",
}
"""A small store, so that it is soon full; few runs are kept, so that what stays is seen at once."""


@contextmanager
def _trials(instance: LiveInstance, every_s: float) -> Iterator[Trial]:
    store, _ = own_servers(instance.home, instance.data_dir.secret())
    assert instance.process is not None
    pid, headers = instance.process.pid, {"Authorization": f"Bearer {instance.data_dir.api_key()}"}
    with (
        redis.Redis.from_url(store.url) as server,
        instance.client() as client,
        instance.client() as canaries,
        httpx.Client(base_url=instance.url, headers=headers, timeout=60) as api,
    ):
        watch = Watch(lambda: Held(processes.resident_bytes(pid), int(server.info("memory")["used_memory"])))
        canary = Canary(
            lambda: canaries.start(f"{WORKFLOW}/canary", []).id,
            lambda run_id: canaries.wait(run_id, timeout_s=LIMIT_S),
            every_s,
        )
        watch.start()
        canary.start()
        try:
            yield Trial(client, api, WORKFLOW, canary, watch)
        finally:
            canary.stop()
            watch.stop()


def _chosen(words: list[str]) -> list[Attack]:
    return [one for one in ATTACKS if not words or any(word in one.name for word in words)]


def main() -> int:
    """Try them, and judge."""
    parser = argparse.ArgumentParser(prog="make hostile", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only attacks with one of these in their name")
    parser.add_argument("--every", type=float, default=1.0, help="seconds from one run of the canary to the next (1)")
    options = parser.parse_args()
    attacks = _chosen(options.words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever ends it, it leaves nothing behind
    harmed = []
    with tempfile.TemporaryDirectory(prefix="hostile") as folder:
        instance = LiveInstance(Path(folder) / "data", SETTINGS)
        with contextmanager(while_up)(instance, docker.APIClient(version="auto")):
            version = instance.deploy(TASKS, WORKFLOW)
            assert version["status"] == "ready", version
            print(HEAD)
            with _trials(instance, options.every) as trial:
                for attack in attacks:
                    report = trial.of(attack)
                    print(row(report), flush=True)
                    harmed += [] if report.holds else [attack.name]
    print(
        f"{len(attacks) - len(harmed)} of {len(attacks)} harmed nobody"
        + "".join(f"\n  not so: {name}" for name in harmed)
    )
    return 1 if harmed else 0


if __name__ == "__main__":
    sys.exit(main())
