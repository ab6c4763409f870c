"""A folder as one tar.gz: what the command line sends, and what is made of a Git repo.

Equal folders give equal bytes, so that a deploy of nothing new builds nothing.
"""

from __future__ import annotations

import gzip
import io
import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final, cast

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source import ignore, workspace
from orchestrator.builder.source.contents import FILES_LIMIT
from orchestrator.builder.source.tar import TarWriter
from orchestrator.core.plans import MIB, format_bytes
from orchestrator.core.workflow import SOURCE_BYTES, UNPACKED_FACTOR

_PROGRAMS: Final = (".py", ".js", ".mjs", ".cjs", ".ts", ".sh", "package.json", "Dockerfile")
_CHUNK_BYTES: Final = 256 * 1024
_SMALL_BYTES: Final = MIB
"""Below any limit there is."""
SETTING: Final = "ORCHESTRATOR_SOURCE_BYTES"


def _usual_limit() -> int:
    return SOURCE_BYTES


def pack(
    path: str | Path, into: IO[bytes], root_dir: str | None = None, limit_bytes: Callable[[], int] = _usual_limit
) -> None:
    """Write the folder, or its part below `root_dir`, without what .dockerignore and the default rules leave out.

    Of a workspace, Node's or uv's, all is packed, also for a part. Secrets in ``.env`` files are left out too: give them to the
    deploy as environment variables. `limit_bytes` says how large the archive may be, if that matters; no more than that is
    written. Raises BadSource.
    """
    folder = _folder(Path(path), root_dir)
    if root_dir and workspace.is_member(Path(path), posixpath.normpath(root_dir)):
        folder = Path(path).resolve()
    files = sorted(_walk(folder))
    limit = _checked(folder, files, limit_bytes)
    try:
        _write(folder, files, _Bounded(into, limit))
    except _FullError:
        raise _too_large(folder, files, f"more than {format_bytes(limit)} when packed") from None


def _write(folder: Path, files: Iterable[str], into: _Bounded) -> None:
    with (
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=cast("IO[bytes]", into), mtime=0) as zipped,
        io.BufferedWriter(zipped, _CHUNK_BYTES) as chunks,
    ):
        tar = TarWriter(chunks)
        for name in files:
            _add(tar, folder, name)
        tar.close()


class _FullError(Exception):
    """More was written than there may be."""


class _Bounded:
    """Passes on what is written, up to a limit. Raises _FullError."""

    def __init__(self, into: IO[bytes], limit_bytes: int) -> None:
        self._into = into
        self._left_bytes = limit_bytes

    def write(self, data: bytes) -> int:
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            raise _FullError
        return self._into.write(data)

    def flush(self) -> None:
        self._into.flush()


def _folder(path: Path, root_dir: str | None) -> Path:
    folder = path / root_dir if root_dir else path
    if not folder.exists():
        raise BadSource(f"{folder} does not exist: give the folder of your workflow")
    if not folder.is_dir():
        raise BadSource(f"{folder} is not a folder: give the folder that contains it")
    if not folder.resolve().is_relative_to(path.resolve()):
        raise BadSource(f"root directory {root_dir} leads out of {path}: give a folder inside it")
    return folder.resolve()


def _walk(folder: Path) -> Iterator[str]:
    """The relative paths of all files that are to be packed."""
    rules = _rules(folder)
    for parent, folders, names in os.walk(folder, onerror=_unreadable):
        here = Path(parent)
        inside = here.relative_to(folder).as_posix()
        prefix = "" if inside == "." else inside + "/"
        names += [name for name in folders if (here / name).is_symlink()]
        folders[:] = [
            name
            for name in folders
            if not ((here / name).is_symlink() or _is_environment(here / name))
            and (rules.can_include_again or not rules.excludes(prefix + name))
        ]
        yield from (prefix + name for name in names if _is_dockerfile(name) or not rules.excludes(prefix + name))


def _is_environment(folder: Path) -> bool:
    """Whether it holds the packages of this machine, by whatever name: Python's environments have the one, conda's the other."""
    return (folder / "pyvenv.cfg").exists() or (folder / "conda-meta").exists()


def _is_dockerfile(name: str) -> bool:
    """Docker reads the one it is told to, whatever .dockerignore says."""
    return "dockerfile" in name.lower()


def _rules(folder: Path) -> ignore.Ignore:
    dockerignore = folder / ".dockerignore"
    return ignore.parse(dockerignore.read_text("utf-8", "replace") if dockerignore.is_file() else "")


def _unreadable(error: OSError) -> None:
    raise BadSource(f"{error.filename} cannot be read ({error.strerror}): make it readable or name it in .dockerignore")


def _checked(folder: Path, files: list[str], limit_bytes: Callable[[], int]) -> int:
    """How large the archive of these files may be. Raises BadSource."""
    if not files:
        raise BadSource(f"{folder} is empty, or everything in it is ignored: give the folder of your workflow")
    if not any(name.endswith(_PROGRAMS) for name in files):
        raise BadSource(f"{folder} has no program: give the folder that holds your main.py, package.json or Dockerfile")
    if len(files) > FILES_LIMIT:
        raise BadSource(
            f"{folder} has {len(files):,} files, the limit is {FILES_LIMIT:,}: leave some out with .dockerignore"
        )
    size_bytes = sum(_size_bytes(folder, name) for name in files)
    limit = limit_bytes() if size_bytes > _SMALL_BYTES else SOURCE_BYTES
    if size_bytes > limit * UNPACKED_FACTOR:
        what = f"{format_bytes(size_bytes)}, the limit is {format_bytes(limit * UNPACKED_FACTOR)}"
        raise _too_large(folder, files, what)
    return limit


def _too_large(folder: Path, files: list[str], what: str) -> BadSource:
    largest = sorted(files, key=lambda name: _size_bytes(folder, name), reverse=True)[:5]
    listed = "\n".join(f"  {format_bytes(_size_bytes(folder, name)):>8}  {name}" for name in largest)
    remedy = f"leave data out with .dockerignore, or give the orchestrator a larger {SETTING}"
    return BadSource(f"{folder} is {what}: {remedy}; the largest files are\n{listed}")


def _size_bytes(folder: Path, name: str) -> int:
    return os.lstat(f"{folder}/{name}").st_size


def _add(tar: TarWriter, folder: Path, name: str) -> None:
    path = f"{folder}/{name}"
    _check_name(name)
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        tar.add_link(name, _target(folder, name))
    elif stat.S_ISREG(mode):
        _add_file(tar, path, name, is_executable=bool(mode & stat.S_IXUSR))
    else:
        raise BadSource(f"{path} is a socket, pipe or device: remove it or name it in .dockerignore")


def _check_name(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise BadSource(f"the name of {name!r} is not UTF-8: rename the file") from error


def _target(folder: Path, name: str) -> str:
    target = os.readlink(folder / name)
    if os.path.isabs(target) or not _stays_inside(folder / name, folder):
        raise BadSource(f"{folder / name} is a link to {target}, outside the folder: replace it by what it points to")
    return target


def _stays_inside(link: Path, folder: Path) -> bool:
    try:
        return link.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # a loop
        return False


def _add_file(tar: TarWriter, path: str, name: str, *, is_executable: bool) -> None:
    try:
        with open(path, "rb", buffering=0) as content:  # a Path of each of many files takes as long as reading it
            size_bytes = os.fstat(content.fileno()).st_size
            tar.add_file(name, size_bytes, iter(lambda: content.read(_CHUNK_BYTES), b""), is_executable=is_executable)
    except OSError as error:
        raise BadSource(
            f"{path} cannot be read ({error.strerror or error}): it may be changing, or not be yours"
        ) from error
