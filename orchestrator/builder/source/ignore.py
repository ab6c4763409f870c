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


_TOKEN: Final = re.compile(r"(?:^|(?<=/))\*\*/|\*\*|\[[^\]]+\]|\\.|.", re.DOTALL)
_CROSSING: Final = ("**", "**/")
_SKIPPED: Final = {"": "", "**": ".*?", "**/": "(?:.*?/)??"}
_LIMIT_CHARS: Final = 1_000


def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern also matches everything below what it names.

    What stands between two stars is taken where it is found first, and never looked for again: a later place could match
    nothing that this one cannot, and trying them all takes for ever. Only the last star of all has to find the end.
    """
    if len(pattern) > _LIMIT_CHARS:
        raise BadSource(
            f".dockerignore: a pattern of {len(pattern):,} characters is too long: shorten or remove the line"
        )
    *firsts, last = _split_at(_CROSSING, _TOKEN.findall(pattern))
    text = "".join(f"{_skipping(star)}{_found_first(tokens)})" for star, tokens in firsts)
    try:
        return re.compile(f"{text}{_skipping(last[0], '(?:')}{_to_the_end(last[1])})", re.DOTALL)
    except re.error as error:
        raise BadSource(f".dockerignore: {pattern!r} is not a pattern ({error}): mend or remove the line") from error


def _split_at(stars: tuple[str, ...], tokens: Iterable[str]) -> list[tuple[str, list[str]]]:
    """The tokens in groups, each with the star before it; the first has none."""
    groups: list[tuple[str, list[str]]] = [("", [])]
    for token in tokens:
        groups.append((token, [])) if token in stars else groups[-1][1].append(token)
    return groups


def _skipping(star: str, group: str = "(?>") -> str:
    """The beginning of a group that may begin later, as far as the star before it allows."""
    return group + _SKIPPED[star]


def _found_first(tokens: list[str]) -> str:
    (_, first), *rest = _split_at(("*",), tokens)
    return _literal(first) + "".join(f"(?>[^/]*?{_literal(part)})" for _, part in rest)


def _to_the_end(tokens: list[str]) -> str:
    (_, first), *rest = _split_at(("*",), tokens)
    text = _literal(first) + "".join(f"(?>[^/]*?{_literal(part)})" for _, part in rest[:-1])
    return text + (f"[^/]*{_literal(rest[-1][1])}" if rest else "") + "(?:/.*)?"


def _literal(tokens: list[str]) -> str:
    return "".join(map(_translated, tokens))


def _translated(token: str) -> str:
    if token == "?":
        return "[^/]"
    if token.startswith("[") and len(token) > 1:
        return "[" + re.sub(r"([\[&~|])", r"\\\1", token[1:])
    return re.escape(token[-1])
