"""Tasks that end badly, or not at all."""

import os
import signal
import time

from orchestrator_sdk import Retry, Workflows

app = Workflows(default_plan="starter", default_retry=Retry(max_retries=0, wait_duration_ms=0))


@app.task
def sleeps() -> None:
    print("sleeping", flush=True)
    time.sleep(3600)


@app.task
def freezes() -> None:
    print("freezing", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)


@app.task
def spins() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("spinning", flush=True)
    while True:
        pass


@app.task
def hangs_up() -> None:
    """Closes the connection to the orchestrator, and everything else that is open, again and again."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("hanging up", flush=True)
    while True:
        os.closerange(3, 200)
        time.sleep(0.05)


@app.task
async def hears_of_its_childs_death() -> str:
    try:
        await sleeps()
    except Exception as error:
        return str(error)
    return "nothing"


if __name__ == "__main__":
    app.start()
