"""The packed sources of versions, kept on disk by what is in them, so that an image somebody removed can be built again."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Collection
from pathlib import Path


def digest_of(archive: Path) -> str:
    """By which an archive is kept."""
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Sources:
    """A folder of archives named by their digests; the oldest go when there are more than `limit_bytes` of them."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """`limit_bytes` of 0 is no limit."""
        self._folder = folder
        self._limit_bytes = limit_bytes

    async def keep(self, archive: Path) -> str:
        """Keep a copy of the archive; its digest."""
        return await asyncio.to_thread(self._keep, archive)

    async def has(self, digest: str) -> bool:
        """Whether the archive is still kept."""
        return bool(digest) and await asyncio.to_thread((self._folder / digest).is_file)

    async def copy(self, digest: str, into: Path) -> None:
        """Write the archive, which is kept, to a file."""
        await asyncio.to_thread(shutil.copyfile, self._folder / digest, into)

    async def clear(self, needed: Collection[str]) -> None:
        """Let go of what is not needed, and of the oldest when all together are too large."""
        await asyncio.to_thread(self._clear, frozenset(needed))

    def _keep(self, archive: Path) -> str:
        digest = digest_of(archive)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._folder / f"{digest}.fresh"
        fresh.touch(mode=0o600)
        shutil.copyfile(archive, fresh)
        fresh.replace(self._folder / digest)  # at once, or not at all
        return digest

    def _clear(self, needed: frozenset[str]) -> None:
        if not self._folder.is_dir():
            return
        newest_first = sorted(os.scandir(self._folder), key=lambda entry: entry.stat().st_mtime, reverse=True)
        kept_bytes = 0
        for entry in newest_first:
            kept_bytes += entry.stat().st_size
            if entry.name not in needed or 0 < self._limit_bytes < kept_bytes:
                Path(entry.path).unlink(missing_ok=True)
