"""The tasks of the chaos suite: what each returns is known beforehand, whatever happens around it."""

import asyncio
import time

from orchestrator_sdk import Retry, TaskContext, Workflows

ONCE = Retry(max_retries=0, wait_duration_ms=0)
app = Workflows(default_plan="starter", default_retry=ONCE)


@app.task
def square(number: int) -> int:
    return number**2


@app.task(retry=Retry(max_retries=2, wait_duration_ms=400, backoff_scaling=2))
def works_from(context: TaskContext, attempt: int) -> int:
    if context.attempt < attempt:
        raise ConnectionError(f"attempt {context.attempt} fails")
    return attempt


@app.task(retry=Retry(max_retries=1, wait_duration_ms=300))
def fails() -> None:
    raise ValueError("always")


@app.task
async def chain(depth: int) -> int:
    return depth + await chain(depth - 1) if depth else 0


@app.task
async def fan_out(width: int) -> int:
    return sum(await asyncio.gather(*[square(number) for number in range(width)]))


@app.task
def sleeps() -> None:
    time.sleep(3600)


@app.task
async def waits_for_sleepers(width: int) -> None:
    await asyncio.gather(*[sleeps() for _ in range(width)])


if __name__ == "__main__":
    app.start()
