"""What is in a packed source: read once, as a list of its files, and written only as far as somebody needs them.

Nothing in an archive is trusted. Names, links and sizes are checked as if everything were unpacked, so what is written of it later
can neither leave its folder nor meet a link on its way.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import posixpath
import stat
import tarfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source import links
from orchestrator.builder.source.tar import TarWriter
from orchestrator.builder.source.tree import FileTree, is_text
from orchestrator.core.plans import MIB, format_bytes
from orchestrator.core.workflow import SOURCE_BYTES, UNPACKED_FACTOR

FILES_LIMIT: Final = 50_000
HEADERS_BYTES: Final = 2 * 1024
"""Of one entry, on the average of all: its header, a long name, padding."""
_NO_MEMORY: Final = "Error -4 while"
"""How zlib says it."""
_LONGEST_HEADERS_BYTES: Final = 8 * 1024
"""Of one entry with the longest path that Linux takes, padding included."""
_LONGEST_HEADER_BYTES: Final = MIB
_PATH_BYTES: Final = 4096
_NAME_BYTES: Final = 255
_CHARACTER_BYTES: Final = 4
"""At most."""


@dataclass(frozen=True, slots=True)
class File:
    """Where a file's content is among all of them."""

    begin: int
    size_bytes: int
    is_executable: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """Files, links and folders by their paths; a path leads through no link. `unpacked` has the content of all files."""

    unpacked: IO[bytes]
    files: dict[str, File] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def tree(self) -> FileTree:
        """All that detection sees of them."""
        digests = {path: self._digest(one) for path, one in self.files.items()}
        digests |= {path: f"link {target}" for path, target in self.links.items()}
        texts = {path: file for path in digests if (file := self.meant(path)) and is_text(path, file.size_bytes)}
        return FileTree(dict(sorted(digests.items())), {path: self._text(texts[path]) for path in sorted(texts)})

    def meant(self, path: str) -> File | None:
        """The file of this name, or the one that a link of this name leads to."""
        return self.files.get(path) or self.files.get(links.resolved(path, self.links) or "")

    def _digest(self, file: File) -> str:
        digest = hashlib.sha256()
        for chunk in self._chunks(file):
            digest.update(chunk)
        return f"{'x' if file.is_executable else '-'} {digest.hexdigest()}"

    def _text(self, file: File) -> str:
        return b"".join(self._chunks(file)).decode("utf-8", "replace")

    def _chunks(self, file: File) -> Iterator[bytes]:
        self.unpacked.seek(file.begin)
        for begin in range(0, file.size_bytes, MIB):
            yield self.unpacked.read(min(MIB, file.size_bytes - begin))

    def below(self, folder: str) -> Contents:
        """Those of one folder; all for an empty name."""
        if not folder:
            return self
        head = f"{folder}/"

        def inside(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
            return ((path, path.removeprefix(head)) for path in paths if path.startswith(head))

        return replace(
            self,
            files={name: self.files[path] for path, name in inside(self.files)},
            links={name: self.links[path] for path, name in inside(self.links)},
            folders={name for _, name in inside(self.folders)},
        )

    def only(self, paths: Iterable[str]) -> Contents:
        """The files of these names alone: each as one of its own, also where it is a link."""
        return Contents(self.unpacked, {path: file for path in paths if (file := self.meant(path))})

    def write_tar(self, into: Path, paths: Collection[str]) -> None:
        """Make a tar of these files, links and folders; equal ones give equal bytes."""
        with into.open("xb") as file:
            tar = TarWriter(file)
            for path in sorted(paths):
                if one := self.files.get(path):
                    tar.add_file(path, one.size_bytes, self._chunks(one), is_executable=one.is_executable)
                elif path in self.links:
                    tar.add_link(path, self.links[path])
                else:
                    tar.add_folder(path)
            tar.close()

    def write(self, into: Path, paths: Iterable[str]) -> None:
        """Write these files, links and folders below the existing folder `into`, readable by all."""
        ordered = sorted(paths)
        for path in ordered:
            if path in self.folders:
                _make_folder(into / path)
        for path in ordered:
            target = into / path
            _make_folder(target.parent)
            if file := self.files.get(path):
                with target.open("xb") as written:
                    written.writelines(self._chunks(file))
                # A task runs as nobody, whatever mode and mask the file had at home.
                target.chmod(_mode(file))
            elif path in self.links:
                target.symlink_to(self.links[path])

    def paths(self) -> list[str]:
        """Of all files, links and folders."""
        return [*self.files, *self.links, *self.folders]


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def _mode(file: File) -> int:
    return 0o755 if file.is_executable else 0o644


def read(archive: IO[bytes], unpacked: IO[bytes], limit_bytes: int = SOURCE_BYTES) -> Contents:
    """The contents of an archive, which is unpacked into an empty file, to be open as long as they are used. Raises BadSource.

    `limit_bytes` is how large the archive may be; its files have eight times that at most, together.
    """
    budget = _Budget(limit_bytes * UNPACKED_FACTOR)
    reading = _Reading(Contents(unpacked))
    try:
        _decompress(archive, unpacked, budget)
        with tarfile.open(fileobj=cast("IO[bytes]", _Headers(unpacked, budget)), mode="r:") as tar:
            while (entry := tar.next()) is not None:
                budget.count(entry)
                reading.add(entry)
                tar.members = []  # type: ignore[attr-defined]  # it remembers every entry for ever
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RecursionError) as error:
        if isinstance(error, BadSource):
            raise
        if _NO_MEMORY in str(error):
            raise MemoryError from error
        raise BadSource(f"the archive cannot be unpacked ({error}): pack a folder as tar.gz") from error
    return reading.done()


def _decompress(archive: IO[bytes], unpacked: IO[bytes], budget: _Budget) -> None:
    with gzip.GzipFile(fileobj=archive, mode="rb") as content:
        while chunk := content.read(MIB):
            unpacked.write(chunk)
            if unpacked.tell() > budget.most_bytes:
                raise budget.too_large()
    unpacked.seek(0)


class _Headers:
    """As much of a file as reading the headers of an archive needs: ends a bomb whose bytes are in no file."""

    def __init__(self, unpacked: IO[bytes], budget: _Budget) -> None:
        self._unpacked = unpacked
        self._budget = budget
        self.seek, self.tell = unpacked.seek, unpacked.tell

    def read(self, size: int = -1) -> bytes:
        if self.tell() > self._budget.expected_bytes or size > _LONGEST_HEADER_BYTES:
            raise BadSource(
                "the archive has a name or another header that is longer than any file system takes: rename it"
            )
        return self._unpacked.read(size)


class _Budget:
    """Counts what an archive has."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.files = 0
        self.size_bytes = 0

    @property
    def most_bytes(self) -> int:
        """How long it is at most, headers and all."""
        return self.limit_bytes + FILES_LIMIT * HEADERS_BYTES

    @property
    def expected_bytes(self) -> int:
        """How long it is at most up to the content of the next entry, whatever its headers say."""
        return self.size_bytes + self.files * _LONGEST_HEADERS_BYTES + _LONGEST_HEADER_BYTES

    def count(self, entry: tarfile.TarInfo) -> None:
        if entry.size < 0:
            raise BadSource(f"the archive's entry {entry.name!r} has less than no content: pack a folder as tar.gz")
        self.files += 1
        self.size_bytes += entry.size
        if self.files > FILES_LIMIT:
            raise BadSource(f"the archive has more than {FILES_LIMIT:,} entries: leave files out with .dockerignore")
        if self.size_bytes > self.limit_bytes:
            raise self.too_large()

    def too_large(self) -> BadSource:
        limit = format_bytes(self.limit_bytes)
        return BadSource(f"the archive is more than {limit} when unpacked: leave data out with .dockerignore")


class _Reading:
    """Takes the entries in their order. Links are placed last, as if files were written first: so none is met on the way."""

    def __init__(self, found: Contents) -> None:
        self._found = found
        self._links: list[tuple[str, str]] = []

    def add(self, entry: tarfile.TarInfo) -> None:
        path = _checked(entry.name)
        if entry.issym():
            self._links.append((path, entry.linkname))
        elif entry.isdir():
            self._make_folders(path)
        elif entry.isreg() and not entry.issparse():
            self._claim(path)
            is_executable = bool(entry.mode & stat.S_IXUSR)
            self._found.files[path] = File(entry.offset_data, entry.size, is_executable)
        else:
            kind = "a sparse file" if entry.issparse() else "neither file, folder nor symbolic link"
            raise BadSource(f"the archive's entry {entry.name!r} is {kind}: leave it out")

    def done(self) -> Contents:
        """Everything, in its place. Raises BadSource."""
        for name, target in self._links:
            self._place(name, target)
        for path, target in self._found.links.items():
            if links.resolved(path, self._found.links) is None:
                raise _bad_link(path, target)
        if not (self._found.files or self._found.links or self._found.folders):
            raise BadSource("the archive is empty: pack the folder of your workflow")
        return self._found

    def _place(self, name: str, target: str) -> None:
        """A parent that is a link by now leads the new one elsewhere: there it is."""
        parent, base = posixpath.split(name)
        folder = links.resolved(parent, self._found.links)
        if folder is None or target.startswith("/") or not base:
            raise _bad_link(name, target)
        path = posixpath.join(folder, base)
        self._claim(path)
        self._found.links[path] = target

    def _claim(self, path: str) -> None:
        """Make room for a file or link. Raises BadSource."""
        self._make_folders(posixpath.dirname(path))
        if not path or path in self._found.files or path in self._found.links or path in self._found.folders:
            raise _twice(path)

    def _make_folders(self, path: str) -> None:
        while path and path not in self._found.folders:
            if path in self._found.files or path in self._found.links:
                raise _twice(path)
            self._found.folders.add(path)
            path = posixpath.dirname(path)


def _twice(path: str) -> BadSource:
    return BadSource(f"the archive cannot be unpacked ({path or '.'} is in it twice): pack a folder as tar.gz")


def _checked(name: str) -> str:
    """The path, as it is written everywhere; empty for the top."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\0" in name or "\\" in name:
        raise BadSource(f"the archive's entry {name!r} leads out of the folder: pack a folder with relative paths only")
    if len(name) * _CHARACTER_BYTES > _NAME_BYTES and _is_too_long(name):
        raise BadSource(f"the archive's entry {name[:100]!r}… is longer than any file system takes: rename it")
    return "" if name in (".", "./") else str(pure)


def _is_too_long(name: str) -> bool:
    return len(os.fsencode(name)) > _PATH_BYTES or any(len(os.fsencode(part)) > _NAME_BYTES for part in name.split("/"))


def _bad_link(name: str, target: str) -> BadSource:
    return BadSource(f"the archive's link {name!r} points to {target!r}, outside the folder: leave it out")
