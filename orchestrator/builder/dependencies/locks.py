"""The versions a lock file pins, whatever tool wrote it."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from packaging.utils import canonicalize_name

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree


@dataclass(frozen=True, slots=True)
class Lock:
    """`pins` are versions by distribution, of those that come from an index and have one version for all platforms."""

    name: str
    pins: Mapping[str, str] = field(default_factory=dict)

    def constraints(self) -> list[str]:
        """The pins as lines for pip."""
        return [f"{name}=={version}" for name, version in sorted(self.pins.items())]


def read(tree: FileTree) -> Lock | None:
    """The repo's lock file, the first of uv.lock, poetry.lock and Pipfile.lock. Raises BadSource for one that is broken."""
    for name, parse in _PARSERS.items():
        if name in tree.texts:
            try:
                found = list(parse(tree.texts[name]))
            except (ValueError, AttributeError, TypeError, KeyError) as error:
                raise BadSource(
                    f"{name} cannot be read ({error}): write it anew with its tool, or remove it"
                ) from error
            times = Counter(distribution for distribution, _ in found)
            return Lock(name, {one: version for one, version in found if times[one] == 1})
    return None


def _toml_packages(text: str) -> Iterator[tuple[str, str]]:
    for package in tomllib.loads(text).get("package", []):
        if "version" in package and _is_from_index(package.get("source", {})):
            yield canonicalize_name(package["name"]), package["version"]


def _is_from_index(source: Mapping[str, Any]) -> bool:
    """uv names the kind by its key, poetry by `type`, which is absent for the default index."""
    return not source or "registry" in source or source.get("type") == "legacy"


def _pipfile_packages(text: str) -> Iterator[tuple[str, str]]:
    for name, package in json.loads(text).get("default", {}).items():
        if "version" in package:
            yield canonicalize_name(name), package["version"].removeprefix("==")


_PARSERS: Final = {"uv.lock": _toml_packages, "poetry.lock": _toml_packages, "Pipfile.lock": _pipfile_packages}
