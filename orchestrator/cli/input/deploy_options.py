"""The options of `deploy` and `dev` that say how a workflow is built and started; each outranks what its repo says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator.core.container.network import Reach, read_words


def _reach(text: str) -> Reach:
    try:
        return read_words(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Name = Annotated[str | None, typer.Option(help="The workflow's name; the folder's or repo's by default.")]
StartCommand = Annotated[str | None, typer.Option(help="As in `python main.py`; found by default.")]
BuildCommand = Annotated[str | None, typer.Option(help="Run when the image is built; found by default.")]
RootDir = Annotated[str | None, typer.Option(help="The part of the folder or repo to deploy.")]
Apt = Annotated[list[str] | None, typer.Option(metavar="NAME", help="A Debian package the image has; repeatable.")]
Dockerfile = Annotated[
    str | None, typer.Option(help="The path, in the part that is deployed, of one that makes the image.")
]
Network = Annotated[
    Any,
    typer.Option(
        parser=_reach, metavar="PLACES", help="Where runs may go: internet, none, or names and IPv4 ranges with commas."
    ),
]
Env = Annotated[list[str] | None, typer.Option(metavar="K=V", help="A variable your tasks see; repeatable.")]
EnvFile = Annotated[Path | None, typer.Option(help="A file of variables; .env in the folder when there is one.")]
BuildEnv = Annotated[
    list[str] | None, typer.Option(metavar="K=V", help="A variable the build's steps see, and no task; repeatable.")
]
Secret = Annotated[
    list[str] | None,
    typer.Option(
        metavar="K[=FILE]",
        help="The same, in no layer of the image: the variable of this name here, or what is in a file; repeatable.",
    ),
]
Push = Annotated[
    str | None, typer.Option(metavar="REGISTRY", help="Where versions are kept by digest, too, as in host:5000/team.")
]
