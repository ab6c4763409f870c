import asyncio
import subprocess
import sys

from orchestrator_sdk import Retry, Workflows

app = Workflows(default_plan="starter", default_retry=Retry(max_retries=0, wait_duration_ms=0))


@app.task
def charge(order: int) -> str:
    print(f"charging order {order}")
    if order == 3:
        print("declined: code 51", file=sys.stderr)
        raise ValueError(f"order {order} was declined")
    return f"rcpt_{order}"


_PACKING = """
import sys, time
for percent in range(0, 101):
    sys.stdout.write(f"\\rpacking {percent} %")
    sys.stdout.flush()
    time.sleep(0.15)
print(", packed")
"""


@app.task
def pack() -> None:
    """A program of its own writes its one line over and over."""
    subprocess.run([sys.executable, "-c", _PACKING], check=True)


@app.task
async def daily_report(count: int) -> int:
    print(f"charging {count} orders")
    return len(await asyncio.gather(*[charge(order) for order in range(count)]))


if __name__ == "__main__":
    app.start()
