"""The files of a folder as data: all that detection and planning see of it."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileTree:
    """Relative paths of files and links, each with a digest of its content and mode; `texts` are the small files read."""

    digests: Mapping[str, str]
    texts: Mapping[str, str]

    def __contains__(self, path: str) -> bool:
        return path in self.digests

    def has_folder(self, path: str) -> bool:
        """Whether any file is below `path`."""
        return any(name.startswith(path + "/") for name in self.digests)

    def below(self, folder: str) -> FileTree:
        """The tree of one of its folders."""
        head = folder + "/"
        return FileTree(
            {name.removeprefix(head): one for name, one in self.digests.items() if name.startswith(head)},
            {name.removeprefix(head): text for name, text in self.texts.items() if name.startswith(head)},
        )

    def digest(self) -> str:
        """One digest of all paths and contents."""
        lines = (f"{path}\0{digest}\n" for path, digest in sorted(self.digests.items()))
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


_SCRIPT_SUFFIXES = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
_TEXT_SUFFIXES = (".py", ".txt", ".in", ".toml", ".lock", ".yaml", ".yml", *_SCRIPT_SUFFIXES)
_TEXT_NAMES = (
    *(".python-version", ".tool-versions", "Aptfile", "Pipfile", "Procfile", "setup.cfg"),
    *("package.json", "package-lock.json", "npm-shrinkwrap.json", ".nvmrc", ".node-version", "tsconfig.json"),
)
TEXT_LIMIT_BYTES = 1024 * 1024
_LOCK_LIMIT_BYTES = 16 * 1024 * 1024


def scan(folder: Path) -> FileTree:
    """The tree of a folder whose links all stay inside it."""
    paths = dict(sorted(_files(folder)))
    return FileTree(
        digests={name: _digest(path) for name, path in paths.items()},
        texts={name: path.read_text("utf-8", "replace") for name, path in paths.items() if _is_read(path)},
    )


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        links = [name for name in folders if (here / name).is_symlink()]
        yield from (((here / name).relative_to(folder).as_posix(), here / name) for name in [*names, *links])


def _digest(path: Path) -> str:
    if path.is_symlink():
        return f"link {os.readlink(path)}"
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{'x' if os.access(path, os.X_OK) else '-'} {content}"


def is_text(path: str, size_bytes: int) -> bool:
    """Whether a file of this name and size is one that is read."""
    name = posixpath.basename(path)
    is_meant = name.endswith(_TEXT_SUFFIXES) or name in _TEXT_NAMES or "dockerfile" in name.lower()
    return is_meant and size_bytes <= (_LOCK_LIMIT_BYTES if name.endswith(".lock") else TEXT_LIMIT_BYTES)


def _is_read(path: Path) -> bool:
    return path.is_file() and is_text(path.name, path.stat().st_size)
