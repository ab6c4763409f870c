"""init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from orchestrator import BUNDLED_DIR
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
INDEX: Final = """import { task } from "@orchestrator/sdk";

export const calculateSquare = task({ name: "calculateSquare", plan: "starter" }, (a: number): number => {
  console.log(`squaring ${a}`);
  return a * a;
});

export const sumSquares = task(
  { name: "sumSquares", plan: "starter", retry: { maxRetries: 3, waitDurationMs: 1000 } },
  async (a: number, b: number): Promise<number> => {
    // Calling a task inside a task starts a run in a container of its own.
    const [first, second] = await Promise.all([calculateSquare(a), calculateSquare(b)]);
    return first + second;
  },
);
"""
PACKAGE: Final = """{
  "private": true,
  "type": "module"
}
"""
TSCONFIG: Final = """{
  "compilerOptions": { "target": "es2022", "module": "esnext", "moduleResolution": "bundler", "strict": true, "noEmit": true }
}
"""
_PYTHON: Final = {"main.py": MAIN, "requirements.txt": REQUIREMENTS}
_TYPESCRIPT: Final = {"index.ts": INDEX, "package.json": PACKAGE, "tsconfig.json": TSCONFIG}
_SDK: Final = BUNDLED_DIR / "npm" / "packages" / "@orchestrator" / "sdk"


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app, is_local=True)(init)


def init(
    instance: Instance,
    path: Annotated[str, typer.Argument(help="The folder; made when it does not exist.", show_default=False)] = ".",
    typescript: Annotated[bool, typer.Option("--typescript", help="In TypeScript, not in Python.")] = False,
) -> None:
    """Write a small workflow to begin with: main.py and requirements.txt, or index.ts and what belongs to it."""
    folder = Path(path)
    files = {folder / name: text for name, text in (_TYPESCRIPT if typescript else _PYTHON).items()}
    if found := [str(file) for file in files if file.exists()]:
        raise CliError(f"{' and '.join(found)} exist already", "choose an empty folder", exit_codes.USAGE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            file.write_text(text)
    except OSError as error:
        raise CliError(f"{error.filename} cannot be written: {error.strerror}", "", exit_codes.USAGE) from error
    _tell(instance, folder, [str(file) for file in files], "sumSquares" if typescript else "sum_squares")
    if typescript and not instance.as_json:
        output.note(f"       npm install --no-save {_SDK}   (types, for your editor)")


def _tell(instance: Instance, folder: Path, written: list[str], task: str) -> None:
    if instance.as_json:
        output.document({"written": written})
        return
    output.text(f"Wrote {' and '.join(written)}.")
    name = folder.resolve().name
    output.note("Next:  orchestrator up --detach")
    output.note(f"       orchestrator dev {folder}")
    output.note(f"       orchestrator run {name}/{task} 3 4")
