import humanize

from orchestrator_sdk import Workflows

app = Workflows(default_plan="starter")


@app.task
def describe(size_bytes: int, seconds: float = 0) -> str:
    """Numbers as people say them."""
    return f"{humanize.naturalsize(size_bytes, binary=True)} in {humanize.precisedelta(seconds)}"


if __name__ == "__main__":
    app.start()
