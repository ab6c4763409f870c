"""The workflows that are measured, in Python and in TypeScript."""

from __future__ import annotations

from typing import Final

WORKFLOW: Final = "bench"
MAIN: Final = '''"""What `orchestrator bench` measures; a no-op that imports nothing, for the imports of a program are its own."""

from orchestrator_sdk import Retry, Workflows

app = Workflows()


@app.task
def noop() -> None:
    print("done")


@app.task
async def calls(count: int, pause_s: float) -> list[float]:
    """How many milliseconds each chained call took, one after the other, with a pause before each."""
    import asyncio
    import time

    taken_ms = []
    for _ in range(count):
        await asyncio.sleep(pause_s)
        begin_s = time.perf_counter()
        await noop()
        taken_ms.append((time.perf_counter() - begin_s) * 1000)
    return taken_ms


@app.task
async def fan_out(width: int) -> None:
    """So many chained calls at once."""
    import asyncio

    await asyncio.gather(*(noop() for _ in range(width)))


@app.task(retry=Retry(max_retries=0, wait_duration_ms=0))
def wait() -> None:
    import time

    print("waiting")
    time.sleep(600)


if __name__ == "__main__":
    app.start()
'''
NODE_WORKFLOW: Final = "bench-node"
INDEX: Final = """// What `orchestrator bench` measures of Node.
import { task } from "@orchestrator/sdk";

const noop = task({ name: "noop" }, () => console.log("done"));

/** So many chained calls at once. */
task({ name: "fan_out" }, async (width: number) => {
  await Promise.all(Array.from({ length: width }, () => noop()));
});
"""
PYTHON: Final = "/opt/venv/bin/python"
PLAIN_COMMAND: Final = (PYTHON, "-c", "print('done')")
"""What a container without us runs: the same interpreter of the same image, and the same line."""
