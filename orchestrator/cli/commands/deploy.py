"""deploy."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.commands import tasks
from orchestrator.cli.errors import CliError
from orchestrator.cli.exit_codes import USAGE
from orchestrator.cli.input import deploy_options as chosen
from orchestrator.cli.input import examples
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output
from orchestrator.core.text import harmless

if TYPE_CHECKING:
    from orchestrator.cli.deployment import Deployed, Line
    from orchestrator_sdk.client.models import RegisteredTask

_COMPARED_LINES: Final = 50


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app)(deploy)


def deploy(  # noqa: PLR0913  # options
    instance: Instance,
    path: Annotated[
        str, typer.Argument(help="The folder with your main.py or index.ts, or a Git URL.", show_default=False)
    ],
    name: chosen.Name = None,
    start_command: chosen.StartCommand = None,
    build_command: chosen.BuildCommand = None,
    root_dir: chosen.RootDir = None,
    apt: chosen.Apt = None,
    dockerfile: chosen.Dockerfile = None,
    network: chosen.Network = None,
    branch: Annotated[str | None, typer.Option(help="Of the repo; its default branch by default.")] = None,
    commit: Annotated[str | None, typer.Option(help="Of the repo, in full; the branch's newest by default.")] = None,
    submodules: Annotated[bool, typer.Option("--submodules", help="Fetch the submodules of the repo, too.")] = False,
    env: chosen.Env = None,
    env_file: chosen.EnvFile = None,
    build_env: chosen.BuildEnv = None,
    secret: chosen.Secret = None,
    push: chosen.Push = None,
) -> None:
    """Build a folder or a Git repo into a new version of a workflow; it serves as soon as its tasks are registered.

    What is not given is what the repo says in orchestrator.toml, in [tool.orchestrator] of its pyproject.toml or in render.yaml, or
    what its code shows. Variables are added to those the workflow has; see `orchestrator env`.
    """
    from orchestrator.cli.input import source, variables

    options: dict[str, Any] = {"start_command": start_command, "build_command": build_command, "root_dir": root_dir}
    options |= {"apt": apt or [], "dockerfile": dockerfile, "network": network, "push": push}
    options |= {
        "build_env": variables.build_env(build_env or []),
        "build_secrets": variables.build_secrets(secret or []),
    }
    file = env_file or (None if source.is_repo(path) else variables.dotenv(Path(path)))
    options |= {"env": variables.of_deploy(env or [], file)}
    if source.is_repo(path):
        options |= {"repo": path, "branch": branch, "commit": commit, "submodules": submodules}
    elif branch or commit or submodules:
        message = f"{path} is a folder, deployed as it is: --branch, --commit and --submodules are for Git URLs"
        raise CliError(message, "", USAGE)
    else:
        with output.waiting(f"Packing {path}"):
            options |= {
                "archive": source.packed(path, options, instance.source_limit_bytes),
                "source": str(Path(path).resolve()),
            }
    variables.tell(options["env"], file)
    deployed = send(instance, source.name_of(path, name), options)
    output.document(deployed.as_json()) if instance.as_json else tell(instance, deployed)


def send(instance: Instance, name: str, options: Mapping[str, Any]) -> Deployed:
    """Deploy with the options of `Client.deploy`, the log shown as it grows. Raises CliError unless the version becomes ready."""
    from orchestrator.cli.deployment import begin, follow

    shown: deque[str] = deque(maxlen=_COMPARED_LINES)
    with instance.connect() as api, _log_shown(f"Deploying {name}", shown) as show:
        accepted = begin(api, name, options)
        try:
            deployed = follow(api, accepted, show)
        except KeyboardInterrupt:
            version_id = accepted.version.id
            output.note(f"The build goes on. See it: {instance.command('versions', 'logs', version_id, '--follow')}")
            output.note(f"Stop it:                   {instance.command('versions', 'cancel', version_id)}")
            raise
    if not deployed.is_ready:
        raise _failed(deployed, shown)
    return deployed


@contextmanager
def _log_shown(title: str, shown: deque[str]) -> Iterator[Line]:
    """Prints the lines of the log, dimmed, above the progress; the newest are in `shown`."""
    console = output.err()

    def show(line: str) -> None:
        shown.append(line)
        console.print(harmless(f"  {line}"), style="dim", markup=False, soft_wrap=True)

    with output.waiting(title, console):
        yield show


def _failed(deployed: Deployed, shown: Iterable[str]) -> CliError:
    """Why there is no new version, without the lines that the log has just ended with."""
    slug, version = deployed.workflow.slug, deployed.version
    stage = "be built" if version.status == "build_failed" else "register its tasks"
    why, *lines = (version.error or version.status).split("\n")
    if lines and [*shown][-len(lines) :] == lines:
        return CliError(f"{slug} could not {stage}: {why.removesuffix(':')}, as shown above")
    return CliError(f"{slug} could not {stage}: " + "\n".join([why, *lines]))


def tell(instance: Instance, deployed: Deployed) -> None:
    """What was deployed, for people."""
    output.text(f"{deployed.workflow.slug} is ready, version {deployed.version.name}.")
    rows = [tasks.row(task) for task in sorted(deployed.tasks, key=lambda task: task.name)]
    output.table(tasks.COLUMNS, rows, empty="It has no tasks.")
    if rows:
        output.note(f"Run one: {instance.command('run', *_example(deployed.tasks))}")


def _example(found: Sequence[RegisteredTask]) -> list[str]:
    """How the task with the fewest arguments is started."""
    words = {task.slug: examples.arguments(task.parameters) for task in found}
    slug = min(words, key=lambda slug: (len(words[slug]), slug))
    return [slug, *words[slug]]
