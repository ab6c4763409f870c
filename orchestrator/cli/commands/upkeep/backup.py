"""backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output
from orchestrator.core.plans import format_bytes


def add_to(app: typer.Typer) -> None:
    """Make these commands part of the app."""
    command(app, is_local=True)(backup)
    command(app, is_local=True)(restore)


def backup(
    instance: Instance, file: Annotated[Path, typer.Argument(help="What to write, such as orchestrator.tar.gz.")]
) -> None:
    """Write all that this instance must not lose to one file, while it runs or not.

    All keys are in it, those of variables too: keep it like them. Images are not; they are built again from the sources that are.
    """
    import asyncio

    from orchestrator.app.upkeep.backup import BackupError, back_up

    try:
        with output.waiting("Writing the backup"):
            size_bytes = asyncio.run(back_up(instance.data_dir, file.absolute()))
    except BackupError as error:
        raise CliError(str(error)) from error
    if instance.as_json:
        output.document({"file": str(file.absolute()), "sizeBytes": size_bytes})
    else:
        output.text(f"{file} has {format_bytes(size_bytes)}; `{instance.command('restore', str(file))}` puts it back.")


def restore(
    instance: Instance, file: Annotated[Path, typer.Argument(help="What `backup` wrote.", exists=True)]
) -> None:
    """Put a backup into the data directory, whose orchestrator must be stopped.

    The next `up` goes on from there, and adopts what still runs. What was there before is kept in replaced-by-restore.
    """
    import asyncio

    from orchestrator.app.data_dir import InUse
    from orchestrator.app.upkeep.backup import BackupError
    from orchestrator.app.upkeep.backup import restore as put_back

    try:
        with output.waiting("Restoring"):
            release = asyncio.run(put_back(file.absolute(), instance.data_dir))
    except BackupError as error:
        raise CliError(str(error)) from error
    except InUse as error:
        raise CliError(str(error), exit_code=exit_codes.REFUSED) from error
    if instance.as_json:
        output.document({"dataDir": str(instance.data_dir.path), "release": release})
    else:
        output.text(f"Restored what release {release} wrote. Go on with `{instance.command('up', '--detach')}`.")
