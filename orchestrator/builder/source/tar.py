"""Tars written entry by entry: `tarfile` takes longer for the header of a small file than it takes to read and compress it."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from typing import IO, Final

MTIME_S: Final = 631_152_000
"""Of all files, so that equal ones make equal tars and layers: 1990, for a zip knows no year before 1980."""
_BLOCK_BYTES: Final = tarfile.BLOCKSIZE
_NAME_BYTES: Final = 100
"""A longer name takes headers more."""
_MODES: Final = {False: 0o644, True: 0o755}


class TarWriter:
    """Writes to `out`; the end is `close`'s."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def add_file(self, path: str, size_bytes: int, content: Iterable[bytes], *, is_executable: bool) -> None:
        """A file whose content has this size. Raises OSError when it has less."""
        self._out.write(_header(path, size_bytes, is_executable))
        left_bytes = size_bytes
        for chunk in content:
            self._out.write(chunk[:left_bytes])
            left_bytes -= len(chunk[:left_bytes])
        if left_bytes:
            raise OSError("it became shorter")
        self._out.write(bytes(-size_bytes % _BLOCK_BYTES))

    def add_link(self, path: str, target: str) -> None:
        """A symbolic link."""
        entry = _entry(path, 0o777)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        self._out.write(entry.tobuf(tarfile.PAX_FORMAT))

    def add_folder(self, path: str) -> None:
        """A folder that everybody may list."""
        entry = _entry(path, 0o755)
        entry.type = tarfile.DIRTYPE
        self._out.write(entry.tobuf(tarfile.PAX_FORMAT))

    def close(self) -> None:
        """Write the end."""
        self._out.write(bytes(2 * _BLOCK_BYTES))


def _entry(path: str, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.mode, entry.mtime = mode, MTIME_S
    return entry


def _file(path: str, size_bytes: int, is_executable: bool) -> bytes:
    entry = _entry(path, _MODES[is_executable])
    entry.size = size_bytes
    return entry.tobuf(tarfile.PAX_FORMAT)


_MODELS: Final = {is_executable: _file("x", 0, is_executable) for is_executable in _MODES}


def _header(path: str, size_bytes: int, is_executable: bool) -> bytes:
    """What `tarfile` makes of it, from a model where only name, size and checksum differ."""
    if not path.isascii() or len(path) > _NAME_BYTES or size_bytes >= 8**11:
        return _file(path, size_bytes, is_executable)
    model = _MODELS[is_executable]
    name = path.encode().ljust(_NAME_BYTES, b"\0")
    before = b"%b%b%011o\0%b" % (name, model[100:124], size_bytes, model[136:148])
    checksum = sum(before) + sum(model[156:]) + 8 * ord(" ")
    return b"%b%06o\0 %b" % (before, checksum, model[156:])
