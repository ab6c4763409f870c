"""clean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

if TYPE_CHECKING:
    from orchestrator.app.upkeep.cleaning import Left

_INSTANCE = typer.Option("--instance", help="Another's id, such as of one whose data directory is gone.")
_YES = typer.Option("--yes", "-y", help="Do not ask.")


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app, is_local=True)(clean)


def clean(
    instance: Instance,
    other: Annotated[str | None, _INSTANCE] = None,
    is_sure: Annotated[bool, _YES] = False,
) -> None:
    """Take away all that an instance has with Docker: containers, network, images.

    Its orchestrator must be stopped. Its data directory stays: runs that were on their way are done again after the next `up`, and
    images are built again when they are needed.
    """
    import asyncio

    _check_stopped(instance)
    instance_id = other or instance.data_dir.instance()
    left = asyncio.run(_clean(instance_id, lambda found: is_sure or _is_wanted(instance_id, found)))
    if instance.as_json:
        output.document({"instance": instance_id, "left": [*left.containers, *left.images]})
    elif left:
        output.text(f"Still there, for it is used: {', '.join((*left.containers, *left.images))}")
    else:
        output.text(f"Nothing is left of instance {instance_id}. Its data stays in {instance.data_dir.path}.")


def _check_stopped(instance: Instance) -> None:
    if pid := instance.data_dir.pid():
        raise CliError(
            f"an orchestrator (process {pid}) runs with {instance.data_dir.path}",
            f"stop it first: {instance.command('down')}",
            exit_codes.REFUSED,
        )


async def _clean(instance_id: str, is_wanted: Callable[[Left], bool]) -> Left:
    from orchestrator.app.upkeep import cleaning
    from orchestrator.engine.base import EngineError
    from orchestrator.engine.docker.engine import DockerEngine

    engine = DockerEngine(instance_id)
    try:
        found = await cleaning.look(engine)
        if found and not is_wanted(found):
            raise CliError("nothing was taken away")
        return await cleaning.clean(engine, found)
    except EngineError as error:
        raise CliError(str(error), "see `orchestrator doctor`") from error
    finally:
        await engine.close()


def _is_wanted(instance_id: str, found: Left) -> bool:
    what = f"{len(found.containers)} containers ({found.running} at work) and {len(found.images)} images"
    return typer.confirm(f"Take away {what} of instance {instance_id}?", err=True)
