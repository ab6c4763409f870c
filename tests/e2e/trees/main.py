"""Trees of standard containers: as deep, and as wide, as a test asks for."""

import asyncio

from orchestrator_sdk import Retry, Workflows

app = Workflows(default_plan="standard", default_retry=Retry(max_retries=0, wait_duration_ms=0))


@app.task
async def countdown(depth: int) -> int:
    return 0 if depth == 0 else 1 + await countdown(depth - 1)


@app.task
def square(number: int) -> int:
    return number**2


@app.task
async def sum_squares(count: int) -> int:
    return sum(await asyncio.gather(*[square(number) for number in range(count)]))


if __name__ == "__main__":
    app.start()
