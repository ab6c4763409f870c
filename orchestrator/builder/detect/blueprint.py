"""What a repo's render.yaml says of its workflow."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import yaml

from orchestrator.builder.detect import blueprint_variables
from orchestrator.builder.detect.blueprint_variables import Entry
from orchestrator.builder.detect.options import BLUEPRINTS, NOTHING, Options, part
from orchestrator.builder.detect.variables import NO_VARIABLES, Variables
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.text import unicode_text

_MERGE_AND_NULL: Final = frozenset({"tag:yaml.org,2002:merge", "tag:yaml.org,2002:null"})


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One service of type workflow; what the file leaves out is empty. `notes` are for the person who deploys."""

    name: str = ""
    options: Options = NOTHING
    variables: Variables = NO_VARIABLES
    notes: tuple[str, ...] = ()

    def words(self) -> str:
        """How to deploy this one by name."""
        said = {
            "--name": self.name,
            "--root-dir": self.options.root_dir,
            "--start-command": repr(self.options.start_command),
        }
        return " ".join(f"{option} {value}" for option, value in said.items() if value.strip("'"))


NO_BLUEPRINT: Final = Blueprint()


def read(tree: FileTree, start_command: str = "") -> Blueprint:
    """The workflow of the repo's blueprint; an empty one when there is none.

    A start command that was given chooses among several, and stands for how and where this one is built and started. Raises
    BadSource when the file has several, or cannot be read.
    """
    name = next((name for name in BLUEPRINTS if name in tree.texts), None)
    if name is None:
        return NO_BLUEPRINT
    try:
        found = _workflows(yaml.load(tree.texts[name], _Texts), name)  # a SafeLoader
    except BadSource:
        raise
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise BadSource(f"{name} cannot be read: {error}") from error
    if start_command:
        return _of_given(found, start_command)
    if len(found) > 1:
        choices = "; or ".join(one.words() for one in found)
        raise BadSource(f"{name} has {len(found)} workflows: choose one with {choices}")
    return found[0] if found else NO_BLUEPRINT


def _of_given(found: list[Blueprint], start_command: str) -> Blueprint:
    same = [one for one in found if one.options.start_command == start_command] or found
    if len(same) != 1:
        return NO_BLUEPRINT
    (one,) = same
    return one if one.options.dockerfile else replace(one, options=NOTHING)


class _Texts(yaml.SafeLoader):  # type: ignore[misc]  # the package has no types
    """Reads numbers, dates and truth as they are written: version 3.10 is not 3.1."""


_Texts.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if tag in _MERGE_AND_NULL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _workflows(content: Any, file: str) -> list[Blueprint]:
    groups = {
        group.get("name"): group.get("envVars") or []
        for part in _parts(content)
        for group in part.get("envVarGroups") or []
    }
    services = [service for part in _parts(content) for service in part.get("services") or []]
    return [_blueprint(service, groups, file) for service in services if service.get("type") == "workflow"]


def _parts(content: Any) -> Iterator[dict[str, Any]]:
    """The file, and its projects' environments: whatever has services."""
    yield content or {}
    for project in (content or {}).get("projects") or []:
        yield from project.get("environments") or []


def _blueprint(service: dict[str, Any], groups: dict[str, list[Entry]], file: str) -> Blueprint:
    runtime = _text(service, "runtime") or _text(service, "env")
    variables, notes = blueprint_variables.read(service.get("envVars") or [], groups, file)
    options = _docker_options(service) if runtime == "docker" else _options(service)
    return Blueprint(_text(service, "name"), options, variables, notes)


def _options(service: dict[str, Any]) -> Options:
    return Options(
        start_command=_text(service, "startCommand").strip(),
        build_command=_text(service, "buildCommand").strip(),
        root_dir=part(_text(service, "rootDir")),
    )


def _docker_options(service: dict[str, Any]) -> Options:
    """Both paths of the file are below the repo; ours is below the context."""
    context = part(_text(service, "dockerContext") or _text(service, "rootDir"))
    dockerfile = part(_text(service, "dockerfilePath") or f"{context}/Dockerfile")
    return Options(
        start_command=_text(service, "dockerCommand").strip(),
        root_dir=context,
        dockerfile=posixpath.relpath(dockerfile, context or "."),
    )


def _text(service: dict[str, Any], key: str) -> str:
    """The value as text. Raises TypeError for what is none: of a list of lists of lists the text may have no end."""
    value = service.get(key) or ""
    if not isinstance(value, str) or "\0" in value or not unicode_text(value) == value:
        raise TypeError(f"{key} is not a text")
    return value
