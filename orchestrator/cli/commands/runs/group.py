"""What the commands about runs belong to, and the names they take."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="runs", help="Find, show, cancel runs and do them again; read what they printed.", no_args_is_help=True
)

RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its beginning.", show_default=False)]
