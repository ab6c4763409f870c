"""How many containers to start at once: ``python -m bench.starts`` prints starts per second and how long one takes, for 1 to 16.

Each is created, started and waited for as an attempt's is, and runs Python for an instant. Rounds go through all widths in turn, so
that what else the host does meets them alike. The default of `ORCHESTRATOR_PARALLEL_STARTS` is from here.
"""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from orchestrator.core.container.spec import ContainerDefaults, ContainerIdentity, Role, compile_spec
from orchestrator.core.plans import PLANS
from orchestrator.engine.docker.engine import DockerEngine

ROOT: Final = Path(__file__).parent.parent
WIDTHS: Final = (1, 2, 3, 4, 6, 8, 12, 16)
STARTS: Final = 24
ROUNDS: Final = 3


async def starts(engine: DockerEngine, image: str, instance: str, width: int) -> tuple[float, list[float]]:
    """Seconds until all have ended, and ms from asking for each until it had started."""
    gate, took_ms, began_s = asyncio.Semaphore(width), list[float](), time.monotonic()
    defaults = ContainerDefaults(engine.network, (), ("python3", "-c", "pass"), "/")

    async def one() -> str:
        spec = compile_spec(
            ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(16)), image, PLANS["standard"], {}, defaults
        )
        async with gate:
            asked_s = time.monotonic()
            container_id = await engine.create(spec)
            await engine.start(container_id)
            took_ms.append((time.monotonic() - asked_s) * 1000)
        await engine.wait(container_id)
        return container_id

    made = await asyncio.gather(*(one() for _ in range(STARTS)))
    total_s = time.monotonic() - began_s
    await asyncio.gather(*(engine.remove(container_id) for container_id in made))
    return total_s, took_ms


async def measure(image: str) -> dict[int, tuple[float, float]]:
    """Of each width, the median of starts per second and of the ms that one took."""
    instance = f"bench{secrets.token_hex(4)}"
    engine = DockerEngine(instance)
    await engine.prepare()
    found: dict[int, list[tuple[float, float]]] = {width: [] for width in WIDTHS}
    try:
        await starts(engine, image, instance, 2)
        for _ in range(ROUNDS):
            for width in WIDTHS:
                total_s, took_ms = await starts(engine, image, instance, width)
                found[width].append((STARTS / total_s, median(took_ms)))
    finally:
        await engine.dismantle()
        await engine.close()
    return {
        width: (median(rate for rate, _ in rounds), median(ms for _, ms in rounds)) for width, rounds in found.items()
    }


def main() -> None:
    """Measure and print."""
    image = subprocess.check_output([ROOT / "images" / "ensure-base"], text=True).strip()
    table = Table("at once", "starts/s", "one takes")
    for width, (rate, took_ms) in asyncio.run(measure(image)).items():
        table.add_row(str(width), f"{rate:.1f}", f"{took_ms:.0f} ms")
    Console().print(table)


if __name__ == "__main__":
    main()
