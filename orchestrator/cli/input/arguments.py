"""A run's input, from the command line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError

_SHOWN_CHARS: Final = 60
_OPTION: Final = re.compile(r"^--?[A-Za-z]")


def read(arguments: Sequence[str], whole: str | None) -> list[Any] | dict[str, Any]:
    """The input: each argument as JSON, or as text where it is none; or `whole` as one JSON document. Raises CliError."""
    if whole is None:
        return [_argument(text) for text in arguments]
    if arguments:
        raise _wrong("arguments and --input exclude each other", "give one or the other")
    return _document(sys.stdin.read() if whole == "-" else whole)


def of_file(file: Path, whole: str | None) -> str:
    """The text of the file, which stands for --input. Raises CliError."""
    if whole is not None:
        raise _wrong("--input and --input-file exclude each other", "give one or the other")
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"{file} cannot be read: {error}", "give a file of one JSON document, in UTF-8") from error


def metadata(pairs: Sequence[str]) -> dict[str, Any]:
    """What is kept with a run, from pairs of KEY=VALUE, the value as an argument is. Raises CliError."""
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise _wrong(f"--metadata {pair} is not KEY=VALUE", "as in --metadata customer=acme")
        found[key] = _value(value)
    return found


def _argument(text: str) -> Any:
    if _OPTION.match(text):
        raise _wrong(f"no such option: {text}", f"is it an argument? Then give all of them as --input '[\"{text}\"]'")
    return _value(text)


def _value(text: str) -> Any:
    """The text as JSON, or itself where it is none."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return text


def _document(text: str) -> list[Any] | dict[str, Any]:
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"--input is not JSON: {error}", "give a list of arguments, or an object of named ones") from error
    if isinstance(found, list | dict):
        return found
    shown = text.strip()[:_SHOWN_CHARS]
    raise _wrong(f"--input is JSON, but neither a list nor an object: {shown}", f"one argument is --input '[{shown}]'")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _wrong(message: str, hint: str) -> CliError:
    return CliError(message, hint, exit_codes.USAGE)
