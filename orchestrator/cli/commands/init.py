"""init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

MAIN: Final = """import asyncio

from orchestrator_sdk import Retry, Workflows

app = Workflows()


@app.task(plan="starter")
def calculate_square(a: int) -> int:
    print(f"squaring {a}")
    return a * a


@app.task(plan="starter", retry=Retry(max_retries=3, wait_duration_ms=1000))
async def sum_squares(a: int, b: int) -> int:
    # Calling a task inside a task starts a run in a container of its own.
    first, second = await asyncio.gather(calculate_square(a), calculate_square(b))
    return first + second


if __name__ == "__main__":
    app.start()
"""
REQUIREMENTS: Final = "# What your tasks import; orchestrator_sdk is there already.\n"


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app, is_local=True)(init)


def init(
    instance: Instance,
    path: Annotated[str, typer.Argument(help="The folder; made when it does not exist.", show_default=False)] = ".",
) -> None:
    """Write a small workflow to begin with: main.py and requirements.txt."""
    folder = Path(path)
    files = {folder / "main.py": MAIN, folder / "requirements.txt": REQUIREMENTS}
    if found := [str(file) for file in files if file.exists()]:
        raise CliError(f"{' and '.join(found)} exist already", "choose an empty folder", exit_codes.USAGE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            file.write_text(text)
    except OSError as error:
        raise CliError(f"{error.filename} cannot be written: {error.strerror}", "", exit_codes.USAGE) from error
    _tell(instance, folder, [str(file) for file in files])


def _tell(instance: Instance, folder: Path, written: list[str]) -> None:
    if instance.as_json:
        output.document({"written": written})
        return
    output.text(f"Wrote {' and '.join(written)}.")
    name = folder.resolve().name
    output.note("Next:  orchestrator up --detach")
    output.note(f"       orchestrator dev {folder}")
    output.note(f"       orchestrator run {name}/sum_squares 3 4")
