"""Tasks that try to harm all others, each by one means, and the one that sees whether they do."""

import again
import endings
import frames
import host
import logs
import trees

from orchestrator_sdk import Retry, Workflows

app = Workflows(default_plan="starter", default_retry=Retry(max_retries=0, wait_duration_ms=0))


@app.task(warm="off")
def canary() -> None:
    pass


for kind in (frames, again, trees, logs, endings, host):
    kind.add_to(app)

if __name__ == "__main__":
    app.start()
