"""A task that uses as much memory as it is told, for a while."""

import time

from orchestrator_sdk import Retry, Workflows

app = Workflows(default_plan="starter", default_retry=Retry(max_retries=0, wait_duration_ms=0))


@app.task
def hold(mib: int, seconds: float) -> int:
    held = b"x" * (mib << 20)
    time.sleep(seconds)
    return len(held) >> 20


if __name__ == "__main__":
    app.start()
