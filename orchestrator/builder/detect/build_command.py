"""A build command as the hosted service is given one: what it has installed by whom, and what of it is left to run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_PARTS: Final = re.compile(r"\s*(?:&&|;|\n)\s*")
_INSTALLERS: Final = (
    r"(?:-U |--upgrade |--quiet |-q )*(?:pip|uv|poetry|pdm|pipenv|setuptools|wheel)(?:[=<>~]=?[\d.*]+)?"
)
_PIP: Final = r"(?:uv )?(?:python3? -m )?pip3? (?:install|sync)"
_USUAL: Final = (
    rf"(?:python3? -m )?pip3? install (?:{_INSTALLERS} ?)+",
    rf"{_PIP}(?: --?[a-z][\w-]*)* (?:-r|--requirement)[ =]?\S+(?: --[a-z][\w-]*)*",
    r"uv lock|poetry lock(?: --no-update)?|pdm lock",
    r"poetry config \S+ \S+",
    r"(?:npm (?:ci|i|install)|(?:pnpm|bun) (?:i|install)|yarn(?: install)?)(?: --?[a-z][\w=-]*)*",
    r"(?:npm|pnpm|yarn|bun) run build|(?:pnpm|yarn) build",
    r"corepack enable(?: \w+)*|npm (?:i|install) (?:-g|--global) (?:npm|pnpm|yarn|bun)(?:@[\w.]+)?",
    r"uv venv(?: \S+)?|(?:source|\.) \S*activate",
)
_IS_USUAL: Final = re.compile("|".join(f"(?:{one})" for one in _USUAL))
_REQUIREMENTS: Final = re.compile(r"pip3? (?:install|sync)\b.*?(?:-r|--requirement)[ =]?(\S+)")
_ITSELF: Final = re.compile(rf"""{_PIP}(?: -e| --editable| --no-cache-dir)* ["']?\.(?:\[([\w, -]+)\])?["']?""")
_SYNC: Final = re.compile(r"(?:(uv) sync|(poetry|pdm|pipenv) (?:install|sync))((?: .*)?)")
_NAMED: Final = {
    "uv": {"--extra", "--no-extra", "--group", "--no-group", "--only-group", "--package"},
    "poetry": {"-E", "--extras", "--with", "--without", "--only"},
    "pdm": {"-G", "--group", "--with", "--without"},
    "pipenv": {"--categories"},
}
"""The options of each tool that name something after them."""
_FLAGS: Final = {
    "uv": {
        "--all-extras", "--no-dev", "--dev", "--only-dev", "--no-default-groups", "--all-groups", "--all-packages",
        "--no-editable", "--no-install-project", "--no-install-workspace", "--frozen",
    },
    "poetry": {"--all-extras", "--all-groups", "--no-root", "--no-directory"},
    "pdm": {"-d", "--dev", "--prod", "--production", "--no-default", "--no-self", "--no-editable"},
    "pipenv": {"-d", "--dev"},
}  # fmt: skip
"""Those that choose, too, and name nothing."""
_WITHOUT_EFFECT: Final = {
    "--locked", "--no-cache", "--quiet", "-q", "--verbose", "-v", "--no-interaction", "-n", "--no-ansi", "--no-progress",
    "--compile-bytecode", "--active", "--inexact", "--sync", "--check", "--frozen-lockfile", "--no-lock", "--deploy", "--system",
    "--ignore-pipfile",
}  # fmt: skip
"""Of all of them: in an image they are so anyway, or change nothing that stays."""


@dataclass(frozen=True, slots=True)
class Installing:
    """What a build command has installed: by `tool`, as its `options` choose; empty where it does not say.

    `requirements` is the file given to pip, `itself` is True where the repo is, with these `extras`.
    """

    tool: str = ""
    options: tuple[str, ...] = ()
    requirements: str | None = None
    itself: bool = False
    extras: tuple[str, ...] = ()


def left_to_run(command: str | None) -> str | None:
    """The command without what every image gets: dependencies installed, a package's build script run."""
    # In a shell a change of folder or a variable may be meant for all that follows.
    if all(_is_usual(part) for part in _parts(command)):
        return None
    return (command or "").strip()


def installing(command: str | None) -> Installing:
    """What the command has installed, whatever else it does."""
    requirements = _REQUIREMENTS.search(command or "")
    itself = [found for part in _parts(command) if (found := _ITSELF.fullmatch(part))]
    extras = re.findall(r"[\w.-]+", itself[0][1] or "") if itself else []
    tool, options = next(_synced(command), ("", ()))
    file = requirements[1].removeprefix("./") if requirements else None
    return Installing(tool, options, file, bool(itself), tuple(extras))


def _parts(command: str | None) -> list[str]:
    return [" ".join(part.split()) for part in _PARTS.split((command or "").strip()) if part]


def _is_usual(part: str) -> bool:
    return bool(_IS_USUAL.fullmatch(part) or _ITSELF.fullmatch(part) or next(_synced(part), None))


def _synced(command: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The tools that install a whole project, with their options, where all of them are known."""
    for part in _parts(command):
        if found := _SYNC.fullmatch(part):
            tool = found[1] or found[2]
            if (options := _options(tool, found[3])) is not None:
                yield tool, options


def _options(tool: str, text: str) -> tuple[str, ...] | None:
    """Those that choose what is installed; None where one is not known."""
    try:
        words = iter(shlex.split(text))
    except ValueError:
        return None
    kept: list[str] = []
    for word in words:
        name, is_joined, _ = word.partition("=")
        if name in _NAMED[tool]:
            kept += [word] if is_joined else [word, next(words, "")]
        elif word in _FLAGS[tool]:
            kept.append(word)
        elif (tool, word) == ("poetry", "--no-dev"):  # as its first release has it
            kept += ["--only", "main"]
        elif word not in _WITHOUT_EFFECT:
            return None
    return tuple(kept)
