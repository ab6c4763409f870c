"""What a folder says of its own deploy, checked where it lies: nobody uploads a repo to learn of a misspelled key."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from orchestrator.builder.detect.options import BLUEPRINTS, OWN_FILE
from orchestrator.builder.source.tree import TEXT_LIMIT_BYTES, FileTree

_FILES: Final = ("pyproject.toml", OWN_FILE, *BLUEPRINTS)


def check(folder: Path, start_command: str = "", asked_dockerfile: str = "") -> None:
    """Raises BadSource for a table or blueprint that cannot be meant, and for a Dockerfile that makes no image of ours."""
    texts = {name: text for name in _FILES if (text := _text(folder / name)) is not None}
    if not texts and not asked_dockerfile:
        return
    # What reads TOML and YAML takes a tenth of a command's time to import.
    from orchestrator.builder.detect import own_table

    tree = FileTree(dict.fromkeys(texts, ""), texts)
    options = own_table.read(tree).options
    if not texts.keys().isdisjoint(BLUEPRINTS):
        from orchestrator.builder.detect import blueprint

        options = options.over(blueprint.read(tree, start_command or options.start_command).options)
    if path := asked_dockerfile or options.dockerfile:
        _check_dockerfile(folder / options.root_dir, path)


def _check_dockerfile(folder: Path, path: str) -> None:
    from orchestrator.builder.detect import dockerfile

    text = _text(folder / path)
    dockerfile.read(FileTree({} if text is None else {path: ""}, {} if text is None else {path: text}), path)


def _text(path: Path) -> str | None:
    is_read = path.is_file() and path.stat().st_size <= TEXT_LIMIT_BYTES
    return path.read_text("utf-8", "replace") if is_read else None
