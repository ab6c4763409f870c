"""dev."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.commands import deploy
from orchestrator.cli.errors import CliError
from orchestrator.cli.input import source, variables
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

_BEGIN_MS: Final = 200


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app)(dev)


def dev(
    instance: Instance,
    path: Annotated[str, typer.Argument(help="The folder with your main.py or index.ts.", show_default=False)] = ".",
    name: Annotated[str | None, typer.Option(help="The workflow's name; the folder's by default.")] = None,
    start_command: Annotated[str | None, typer.Option(help="As in `python main.py`; found by default.")] = None,
    root_dir: Annotated[str | None, typer.Option(help="The part of the folder to deploy.")] = None,
    env: Annotated[list[str] | None, typer.Option(metavar="K=V", help="A variable your tasks see; repeatable.")] = None,
    env_file: Annotated[
        Path | None, typer.Option(help="A file of variables; .env in the folder when there is one.")
    ] = None,
) -> None:
    """Deploy a folder, and again after every change of it, until Ctrl-C.

    A version that cannot be built or registered changes nothing: the one before it goes on serving.
    """
    if not Path(path).is_dir():
        raise CliError(f"{path} is not a folder", "give the folder with your main.py or index.ts", exit_codes.USAGE)
    chosen = source.name_of(path, name)
    variables.of_deploy(env or [], env_file)  # what is wrong in the command is not mended by a change
    deployed: dict[str, Any] = {}
    for _ in changes(path):
        file = env_file or variables.dotenv(Path(path))
        try:
            options: dict[str, Any] = {"env": variables.of_deploy(env or [], file)}
            options |= {"archive": source.packed(path, root_dir), "source": str(Path(path).resolve())}
        except CliError as problem:
            output.error(str(problem), "mend it: the next change is deployed")
            continue
        options |= {"start_command": start_command, "root_dir": root_dir}
        if options != deployed:
            deployed = options
            variables.tell(options["env"], file)
            _deploy(instance, chosen, options)


def changes(path: str) -> Iterator[None]:
    """Once at the beginning, then whenever something in the folder has changed."""
    from watchfiles import watch

    is_first = True
    # The watcher must be there before the first deploy, or a change made meanwhile would be missed: its time-outs begin it.
    for found in watch(path, rust_timeout=_BEGIN_MS, yield_on_timeout=True):
        if found or is_first:
            yield None
        is_first = False


def _deploy(instance: Instance, name: str, options: Mapping[str, Any]) -> None:
    """Deploy, and say how it went: the next change may mend what failed."""
    try:
        deployed = deploy.send(instance, name, options)
    except CliError as failure:
        output.error(str(failure), failure.hint)
    else:
        output.document(deployed.as_json()) if instance.as_json else deploy.tell(instance, deployed)
    output.note(f"Watching {options['source']} for changes; Ctrl-C ends that.")
