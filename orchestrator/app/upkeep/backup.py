"""A backup of an instance: one file with its keys and all that its store has acknowledged, made while it runs or not.

The store's Redis writes each change to its append-only file before it answers. So a copy of the files has whatever was acknowledged
when it was begun, as long as Redis does not begin a new generation of them meanwhile; a last change that was half written is left
out when they are read. What is not in it: logs of the orchestrator itself, images (they are built again from the sources), and the
sockets of containers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import tarfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from orchestrator import __version__
from orchestrator.app.data_dir import DataDir
from orchestrator.redis.client import UNAVAILABLE, Client, connect
from orchestrator.redis.server import REWRITE_PERCENTAGE, own_servers, stop_left_over

_ABOUT: Final = "about.json"
_FORM: Final = 1
_FILES: Final = ("api-key", "secret", "env-key", "instance", "home", "audit.log")
_FOLDERS: Final = ("sources", "store/appendonlydir")
_REPLACED: Final = "replaced-by-restore"
_REWRITE_S: Final = 600.0
_POLL_S: Final = 0.1


class BackupError(RuntimeError):
    """It cannot be done; the message says why, and what to do."""


async def back_up(data_dir: DataDir, file: Path) -> int:
    """Write the backup; its size in bytes. A file of that name is replaced when the new one is complete. Raises BackupError."""
    if not (data_dir.path / "store" / "appendonlydir").is_dir():
        raise BackupError(
            f"{data_dir.path} has no store of its own: back up the Redis that --store-url names, and its keys"
        )
    fresh = file.with_name(f"{file.name}.part")
    try:
        async with _settled_files(data_dir):
            size_bytes = await asyncio.to_thread(_write, data_dir, fresh)
        fresh.replace(file)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        fresh.unlink(missing_ok=True)
    return size_bytes


@contextlib.asynccontextmanager
async def _settled_files(data_dir: DataDir) -> AsyncIterator[None]:
    """Inside the block a Redis that runs appends to the files it has, and begins no others."""
    server, _ = own_servers(data_dir.path, data_dir.secret())
    if server.pid() is None:
        yield
        return
    async with connect(server.url) as client:
        try:
            await client.config_set("auto-aof-rewrite-percentage", 0)
            try:
                await _until_not_rewriting(client)
                yield
            finally:
                await client.config_set("auto-aof-rewrite-percentage", REWRITE_PERCENTAGE)
        except UNAVAILABLE as error:
            raise BackupError(f"the store does not answer ({error}): see {server.log_path}") from error


async def _until_not_rewriting(client: Client) -> None:
    deadline = time.monotonic() + _REWRITE_S
    while await _is_rewriting(client):
        if time.monotonic() > deadline:
            raise BackupError(f"the store has been rewriting its file for {_REWRITE_S:g} s: try again later")
        await asyncio.sleep(_POLL_S)


async def _is_rewriting(client: Client) -> bool:
    found = await client.info("persistence")
    return bool(found["aof_rewrite_in_progress"] or found["aof_rewrite_scheduled"])


def _write(data_dir: DataDir, file: Path) -> int:
    file.touch(mode=0o600)  # all keys are in it
    about = data_dir.path / _ABOUT
    about.write_text(json.dumps({"form": _FORM, "release": __version__, "at": time.time()}))
    try:
        with tarfile.open(file, "w:gz", compresslevel=1) as archive:
            archive.add(about, _ABOUT)
            for name in (*_FILES, *_FOLDERS):
                if (data_dir.path / name).exists():
                    archive.add(data_dir.path / name, name)
    finally:
        about.unlink()
    return file.stat().st_size


async def restore(file: Path, data_dir: DataDir) -> str:
    """Put what the backup has in the directory, whose orchestrator must not run; from which release it is.

    What was there of the same is kept aside in one folder, the sockets of containers stay: those that run are adopted.
    Raises BackupError, InUse.
    """
    data_dir.prepare()
    fresh, aside = data_dir.path / "restoring", data_dir.path / _REPLACED
    with data_dir.locked():
        await stop_left_over(data_dir.path, data_dir.secret())
        try:
            release = await asyncio.to_thread(_read, file, fresh)
            shutil.rmtree(aside, ignore_errors=True)
            for name in _parts(fresh):
                _exchange(data_dir.path / name, fresh / name, aside / name)
        except OSError as error:
            raise BackupError(f"{data_dir.path} cannot be written: {error}") from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return release


def _parts(folder: Path) -> Iterator[str]:
    return (name for name in (*_FILES, *_FOLDERS) if (folder / name).exists())


def _exchange(there: Path, new: Path, aside: Path) -> None:
    if there.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        there.rename(aside)
    there.parent.mkdir(parents=True, exist_ok=True)
    new.rename(there)


def _read(file: Path, folder: Path) -> str:
    """Unpack the backup; from which release it is."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        about = json.loads((folder / _ABOUT).read_text())
        form, release = int(about["form"]), str(about["release"])
    except (OSError, EOFError, ValueError, KeyError, tarfile.TarError) as error:
        raise BackupError(f"{file} is no whole backup of an orchestrator: {error}") from error
    if form > _FORM:
        raise BackupError(f"{file} was made by orchestrator {release}: restore it with that release or a later one")
    return release
