"""What reaches the screen: results on stdout, everything else on stderr; colours only on a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from rich.console import Console


_PIPE_WIDTH: Final = 400


def out() -> Console:
    """Where results go."""
    from rich.console import Console

    return _with_room(Console(highlight=False, soft_wrap=True))


def err() -> Console:
    """Where progress and errors go."""
    from rich.console import Console

    return _with_room(Console(stderr=True, highlight=False))


def _with_room(console: Console) -> Console:
    """Nothing is cut for a screen that is not there."""
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def document(value: Any) -> None:
    """One JSON document on stdout."""
    shown = json.dumps(value, ensure_ascii=False, indent=2)
    typer.echo(shown if shown == _printable(shown) else json.dumps(value, indent=2))


def text(line: str) -> None:
    """A line on stdout, as it is."""
    typer.echo(_printable(line))


def note(line: str) -> None:
    """A line on stderr, as it is."""
    typer.echo(_printable(line), err=True)


def error(message: str, hint: str = "") -> None:
    """What happened, and what to do about it."""
    console = err()
    console.print("[bold red]error:[/]", end=" ")
    console.print(_printable(message), markup=False, soft_wrap=True)
    if hint:
        console.print("[bold cyan]hint:[/]", end=" ")
        console.print(_printable(hint), markup=False, soft_wrap=True)


def _printable(shown: str) -> str:
    """The text with what is no valid Unicode, such as parts of some file names, spelled out."""
    return shown.encode(errors="backslashreplace").decode()


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Rows under a head line; `empty` is said when there are none. Cells may have markup."""
    if not rows:
        note(empty)
    elif out().is_terminal:
        _rich_table(columns, rows)
    else:
        _plain_table(columns, rows)


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Column, Table
    from rich.text import Text

    # What a row is called by is there to be copied: whatever the width, it is never cut.
    name_chars = max(len(Text.from_markup(row[0]).plain) for row in rows)
    named = Column(columns[0], no_wrap=True, min_width=max(name_chars, len(columns[0])))
    rest = [Column(column, overflow="fold") for column in columns[1:]]
    shown = Table(named, *rest, box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        shown.add_row(*row)
    console = out()
    console.width = max(console.width, name_chars)
    console.print(shown, soft_wrap=False)


def _plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.text import Text

    cells = [list(columns), *([Text.from_markup(cell).plain for cell in row] for row in rows)]
    widths = [max(len(row[number]) for row in cells) for number in range(len(columns))]
    for row in cells:
        text("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def waiting(title: str, console: Console | None = None) -> AbstractContextManager[object]:
    """Shows what is waited for: a spinner on a terminal, below what else the console prints, else a line."""
    console = console or err()
    if console.is_terminal:
        return console.status(f"{title} …", spinner="dots")
    note(f"{title} …")
    return nullcontext()
