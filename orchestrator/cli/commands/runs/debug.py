"""runs debug."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.commands.runs.group import RunId, app
from orchestrator.cli.errors import CliError
from orchestrator.cli.input import run_ids
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output
from orchestrator_runtime import wire

if TYPE_CHECKING:
    from orchestrator.core.container.network import Reach
    from orchestrator.core.container.spec import ContainerSpec
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.client.models import WorkflowVersion

INPUT_PATH: Final = "/run/input.json"
_ENV: Final = {"PYTHONPATH": f"{wire.HOME_DIR}/sdk:{wire.HOME_DIR}/runtime"}
"""What the shim would add behind all others; the names of early official releases would hide those that are installed."""
_SHELL: Final = ("/bin/sh", "-c", "command -v bash >/dev/null && exec bash; exec sh")


@command(app)
def debug(
    instance: Instance,
    run: RunId,
    prints: Annotated[bool, typer.Option("--print", help="Print the docker run line instead of running it.")] = False,
) -> None:
    """Open a shell in a container like the run's: same image, user, caps and network, with its input in a file.

    On the orchestrator's own host. The container is no run: nothing in it is reported, and it is removed when the shell ends.
    """
    with instance.connect() as api:
        found = api.get(run_ids.whole(api, run))
        version = api.version(found.raw["workflowVersionId"])
        spec = _spec(api, found.raw, version)
    line = _line(spec, version, _input_file(instance.data_dir.path / "debug", found.raw))
    if instance.as_json:
        output.document(line)
    elif prints:
        output.text(shlex.join(line))
    else:
        _open(line, version)


def _network(info: dict[str, Any], reach: Reach) -> str:
    """Docker's name of the network that a run with this reach is on; it is there for an hour after one was."""
    from orchestrator.engine.docker.network.bridge import network_name

    instance, network = info["instance"], str(info["network"])
    return network_name(instance, reach) if network == network_name(instance) else network


def _spec(api: Client, run: dict[str, Any], version: WorkflowVersion) -> ContainerSpec:
    """The container of the run's last attempt, with a shell instead of the shim, and without a channel."""
    from orchestrator.core.container.spec import ContainerDefaults, ContainerIdentity, Role, compile_spec
    from orchestrator.core.plans import PLANS

    seen = [attempt["forensics"].get("image") for attempt in run.get("attempts") or ()]
    image = next((one for one in reversed(seen) if one), version.raw.get("image"))
    if not image:
        raise CliError(f"version {version.name} has no image yet", "wait until it is built", exit_codes.NOT_FOUND)
    info, reach = api.status().raw["info"], _reach(api, run)
    defaults = ContainerDefaults(_network(info, reach), channel_mounts=(), command=_SHELL, working_dir=wire.APP_DIR)
    identity = ContainerIdentity(info["instance"], Role.ATTEMPT, "debug")
    return compile_spec(identity, image, PLANS[run["plan"]], _ENV, defaults, reach)


def _reach(api: Client, run: dict[str, Any]) -> Reach:
    """Where runs of its task may go."""
    from orchestrator.core.container.network import EVERYWHERE

    tasks = api.tasks(version=run["workflowVersionId"])
    return next((task.network for task in tasks if task.id == run["taskId"]), EVERYWHERE)


def _input_file(folder: Path, run: dict[str, Any]) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{run['id']}.json"
    path.write_text(json.dumps(run["input"]))
    path.chmod(0o644)  # the container's user is nobody
    return path


def _line(spec: ContainerSpec, version: WorkflowVersion, input_path: Path) -> list[str]:
    from orchestrator.engine.docker.run_line import run_line

    return run_line(spec, handed_on=version.variable_names, files={INPUT_PATH: str(input_path)})


def _open(line: list[str], version: WorkflowVersion) -> None:
    """Become Docker's command line."""
    if not shutil.which(line[0]):
        raise CliError(
            "there is no docker command here", "`--print` prints the line for another place", exit_codes.FAILED
        )
    output.note(f"The input is in {INPUT_PATH}; the code is in {wire.APP_DIR}.")
    if unset := [name for name in version.variable_names if name not in os.environ]:
        output.note(
            f"Values of variables are given to runs alone; to have them here, export them first: {', '.join(unset)}"
        )
    os.execvp(line[0], line)
