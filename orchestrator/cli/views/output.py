"""What reaches the screen: results on stdout, everything else on stderr; colours only on a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import typer

from orchestrator.core.text import coloured, harmless

if TYPE_CHECKING:
    from rich.console import Console


_PIPE_WIDTH: Final = 400
_ERASE_ROW: Final = "\r\x1b[2K"


def out() -> Console:
    """Where results go."""
    return _console(soft_wrap=True)


def err() -> Console:
    """Where progress and errors go."""
    return _console(stderr=True)


def _console(**options: bool) -> Console:
    """Nothing is cut for a screen that is not there."""
    from rich.console import Console

    console = Console(highlight=False, **options)  # type: ignore[arg-type]
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def document(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(as_json(value, indent=2))


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON as people read it, with whatever would harm a terminal spelled out."""
    shown = json.dumps(value, ensure_ascii=False, indent=indent)
    return shown if shown == harmless(shown) else json.dumps(value, indent=indent)


def text(line: str) -> None:
    """A line on stdout, as it is but for what would harm a terminal."""
    typer.echo(harmless(line))


def note(line: str) -> None:
    """A line on stderr, likewise."""
    typer.echo(harmless(line), err=True)


def printed(line: str, *, is_err: bool) -> None:
    """A line that user code printed, with its colours on a terminal."""
    typer.echo(coloured(line), err=is_err)


class Begun:
    """The lines that are begun and not ended, one after the other in the last row of a terminal, which the next line takes."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def show(self, stream: str, text: str) -> None:
        """As it is now; nothing any more when it is empty."""
        from rich.text import Text

        self._texts[stream] = harmless(text).replace("\t", "    ")
        shown = Text("  ".join(one for one in self._texts.values() if one))
        shown.truncate(err().width - 1)
        typer.echo(_ERASE_ROW + shown.plain, err=True, nl=False, color=True)

    def clear(self) -> None:
        """Leave the row to others."""
        if self._texts:
            self._texts.clear()
            typer.echo(_ERASE_ROW, err=True, nl=False, color=True)


def is_watched() -> bool:
    """Whether somebody looks at a terminal, where a row can be written over."""
    return out().is_terminal and err().is_terminal


def plain(words: str) -> str:
    """What users wrote as a part of a line with markup."""
    from rich.markup import escape

    return escape(harmless(words))


def error(message: str, hint: str = "") -> None:
    """What happened, and what to do about it."""
    console = err()
    console.print("[bold red]error:[/]", end=" ")
    console.print(harmless(message), markup=False, soft_wrap=True)
    if hint:
        console.print("[bold cyan]hint:[/]", end=" ")
        console.print(harmless(hint), markup=False, soft_wrap=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Rows under a head line; `empty` is said when there are none. Cells may have markup."""
    rows = [[harmless(cell) for cell in row] for row in rows]
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
