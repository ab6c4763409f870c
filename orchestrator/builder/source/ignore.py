"""Which files of a folder stay behind: secrets and clutter by default, and what its .dockerignore says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.errors import BadSource

DEFAULT_PATTERNS: Final = (
    "**/.git",
    "**/.hg",
    "**/.svn",
    "**/.venv",
    "**/venv",
    "**/__pycache__",
    "**/*.pyc",
    "**/node_modules",
    "**/.mypy_cache",
    "**/.pytest_cache",
    "**/.ruff_cache",
    "**/.tox",
    "**/.nox",
    "**/.DS_Store",
    # Secrets do not belong into an image that every run can read.
    "**/.env",
    "**/.env.*",
    "!**/.env.example",
    "!**/.env.sample",
    "!**/.env.template",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern; the last that matches a path, or a folder above it, decides."""

    expression: re.Pattern[str]
    excludes: bool


@dataclass(frozen=True, slots=True)
class Ignore:
    """The rules for one folder."""

    rules: tuple[Rule, ...]

    @property
    def can_include_again(self) -> bool:
        """Whether something below an ignored folder may still be wanted because of the folder's own rules."""
        return any(not rule.excludes for rule in self.rules[len(DEFAULT_PATTERNS) :])

    def excludes(self, path: str) -> bool:
        """Whether the file at this relative path stays behind."""
        verdict = False
        for rule in self.rules:
            if rule.excludes != verdict and rule.expression.fullmatch(path):
                verdict = rule.excludes
        return verdict


def parse(dockerignore: str = "") -> Ignore:
    """The default rules, then those of a .dockerignore, whose ``!pattern`` may bring a default back."""
    own = (line.strip() for line in dockerignore.splitlines())
    patterns = [line for line in own if line and not line.startswith("#")]
    return Ignore(tuple(_rules([*DEFAULT_PATTERNS, *patterns])))


def _rules(patterns: Iterable[str]) -> Iterable[Rule]:
    for pattern in patterns:
        excludes = not pattern.startswith("!")
        path = pattern.removeprefix("!").strip().removeprefix("./").strip("/")
        yield Rule(_expression(path), excludes)


_TOKEN: Final = re.compile(r"\*\*/|\*\*|\[[^\]]+\]|\\.|.", re.DOTALL)
_MEANING: Final = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern also matches everything below what it names."""
    try:
        return re.compile("".join(map(_translated, _TOKEN.findall(pattern))) + "(/.*)?", re.DOTALL)
    except re.error as error:
        raise BadSource(f".dockerignore: {pattern!r} is not a pattern ({error}): mend or remove the line") from error


def _translated(token: str) -> str:
    if token in _MEANING:
        return _MEANING[token]
    if token.startswith("[") and len(token) > 1:
        return "[" + re.sub(r"([\[&~|])", r"\\\1", token[1:])
    return re.escape(token[-1])
