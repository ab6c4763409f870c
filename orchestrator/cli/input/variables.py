"""Variables from the command line, from files and from stdin. No error repeats what may be a value."""

from __future__ import annotations

import getpass
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.views import output
from orchestrator.core.variables import problem_of_name, problem_of_value

STDIN: Final = Path("-")
_FORM: Final = "give one KEY=VALUE a line"


def dotenv(folder: Path) -> Path | None:
    """The folder's ``.env``, if it has one."""
    found = folder / ".env"
    return found if found.is_file() else None


def of_deploy(pairs: Sequence[str], file: Path | None) -> dict[str, str]:
    """What a deploy adds: the file's, overruled by `pairs` of KEY=VALUE. Raises CliError."""
    return (of_file(file) if file else {}) | dict(_pair(pair) for pair in pairs)


def build_env(pairs: Sequence[str]) -> dict[str, str]:
    """Variables of a build, from pairs of KEY=VALUE. Raises CliError."""
    return dict(_pair(pair, "--build-env") for pair in pairs)


def build_secrets(words: Sequence[str]) -> dict[str, str]:
    """Secrets of a build: KEY for what this command's own environment has, KEY=FILE for what is in a file. Raises CliError."""
    return dict(_secret(*word.partition("=")) for word in words)


def _secret(name: str, equals: str, file: str) -> tuple[str, str]:
    if problem := problem_of_name(name):
        raise _wrong(f"--secret: {problem}", "give --secret NAME, or --secret NAME=FILE")
    if not equals and name not in os.environ:
        raise _wrong(f"--secret {name}: there is no such variable here", f"export it, or give --secret {name}=FILE")
    try:
        value = Path(file).expanduser().read_text() if equals else os.environ[name]
    except (OSError, UnicodeDecodeError):
        # The text may be the secret itself, from somebody who took this for --env.
        hint = f"a value is taken from the environment: --secret {name}"
        raise _wrong(f"--secret {name}: what follows '=' is no file that can be read", hint) from None
    if problem := problem_of_value(name, value):
        raise _wrong(f"--secret: {problem}", "")
    return name, value


def tell(env: Iterable[str], file: Path | None) -> None:
    """Which a deploy adds, and where they are from."""
    if names := ", ".join(env):
        output.note(f"Adding to the workflow's variables: {names}" + (f" (from {file})" if file else ""))


def of_file(file: Path) -> dict[str, str]:
    """The variables of a ``.env`` file, or of stdin for ``-``. Raises CliError, with the line of what is wrong."""
    name = "stdin" if file == STDIN else str(file)
    try:
        data = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
    except OSError as error:
        raise _wrong(f"{name} cannot be read: {error.strerror}", _FORM) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(f"{name}, line {data.count(10, 0, error.start) + 1}: it is not UTF-8", _FORM) from None
    return _parsed(text, name)


def value_of(name: str) -> str:
    """The value for a variable: asked for on a terminal, else all of stdin but the end of its last line. Raises CliError."""
    if sys.stdin.isatty():
        value = getpass.getpass(f"{name}: ", stream=sys.stderr)
    else:
        try:
            value = sys.stdin.buffer.read().decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise _wrong(f"the value of {name} is not UTF-8", "encode it, for example as base64") from None
    if found := problem_of_value(name, value):
        raise _wrong(found, "")
    return value


def check_name(name: str) -> None:
    """Raises CliError for what is no name of a variable."""
    if "=" in name:
        raise _wrong(
            "give the name alone: a value on the command line can be read by others, and stays in the shell's history",
            "the value is asked for, or read from stdin",
        )
    if found := problem_of_name(name):
        raise _wrong(found, "")


def _parsed(text: str, origin: str) -> dict[str, str]:
    from dotenv.parser import parse_stream

    found: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text.replace("\r\n", "\n"))):
        lead = len(binding.original.string) - len(binding.original.string.lstrip())
        line = binding.original.line + binding.original.string.count("\n", 0, lead)
        if binding.key is None and not binding.error:
            continue  # a comment
        if binding.key is None or binding.value is None:
            raise _wrong(f"{origin}, line {line}: it is not KEY=VALUE, or a quote does not end", _FORM)
        if problem := problem_of_name(binding.key) or problem_of_value(binding.key, binding.value):
            raise _wrong(f"{origin}, line {line}: {problem}", "")
        found[binding.key] = binding.value
    return found


def _pair(pair: str, option: str = "--env") -> tuple[str, str]:
    key, equals, value = pair.partition("=")
    if not equals:
        # Not the pair itself: a secret may have slipped into the wrong place.
        raise _wrong(f"{option} has a variable that is not KEY=VALUE", "KEY has letters, digits and underscores")
    if problem := problem_of_name(key.strip()) or problem_of_value(key.strip(), value):
        raise _wrong(f"{option}: {problem}", "")
    return key.strip(), value


def _wrong(message: str, hint: str) -> CliError:
    return CliError(message, hint, exit_codes.USAGE)
