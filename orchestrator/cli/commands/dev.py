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
from orchestrator.cli.input import deploy_options as options
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

_BEGIN_MS: Final = 200


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app)(dev)


def dev(  # noqa: PLR0913  # options
    instance: Instance,
    path: Annotated[str, typer.Argument(help="The folder with your main.py or index.ts.", show_default=False)] = ".",
    name: options.Name = None,
    start_command: options.StartCommand = None,
    build_command: options.BuildCommand = None,
    root_dir: options.RootDir = None,
    apt: options.Apt = None,
    dockerfile: options.Dockerfile = None,
    network: options.Network = None,
    env: options.Env = None,
    env_file: options.EnvFile = None,
    build_env: options.BuildEnv = None,
    secret: options.Secret = None,
) -> None:
    """Deploy a folder, and again after every change of it, until Ctrl-C.

    A version that cannot be built or registered changes nothing: the one before it goes on serving.
    """
    from orchestrator.cli.input import source, variables

    if not Path(path).is_dir():
        raise CliError(f"{path} is not a folder", "give the folder with your main.py or index.ts", exit_codes.USAGE)
    chosen = source.name_of(path, name)
    variables.of_deploy(env or [], env_file)  # what is wrong in the command is not mended by a change
    asked: dict[str, Any] = {"start_command": start_command, "build_command": build_command, "root_dir": root_dir}
    asked |= {"apt": apt or [], "dockerfile": dockerfile, "network": network}
    asked |= {"build_env": variables.build_env(build_env or []), "build_secrets": variables.build_secrets(secret or [])}
    deployed: dict[str, Any] = {}
    for _ in changes(path):
        file = env_file or variables.dotenv(Path(path))
        try:
            sent = {**asked, "env": variables.of_deploy(env or [], file), "source": str(Path(path).resolve())}
            archive = source.packed(path, asked, instance.source_limit_bytes)
        except CliError as problem:
            output.error(str(problem), "mend it: the next change is deployed")
            continue
        with archive:
            state = {**sent, "archive": source.digest_of(archive)}
            if state != deployed:
                deployed = state
                variables.tell(sent["env"], file)
                _deploy(instance, chosen, {**sent, "archive": archive})


def changes(path: str) -> Iterator[None]:
    """Once at the beginning, then whenever something in the folder has changed."""
    from watchfiles import watch

    is_first = True
    # The watcher must be there before the first deploy, or a change made meanwhile would be missed: its time-outs begin it.
    for found in watch(path, rust_timeout=_BEGIN_MS, yield_on_timeout=True):
        if found or is_first:
            yield None
        is_first = False


def _deploy(instance: Instance, name: str, sent: Mapping[str, Any]) -> None:
    """Deploy, and say how it went: the next change may mend what failed."""
    try:
        deployed = deploy.send(instance, name, sent)
    except CliError as failure:
        output.error(str(failure), failure.hint)
    else:
        output.document(deployed.as_json()) if instance.as_json else deploy.tell(instance, deployed)
    output.note(f"Watching {sent['source']} for changes; Ctrl-C ends that.")
