"""A data directory that was copied while the first is still there is another instance, not the same one twice.

Each would remove the other's containers. A directory that was moved, or restored where it was, is what it was.
"""

from __future__ import annotations

import contextlib
import logging
import shutil

from orchestrator.app.data_dir import DataDir
from orchestrator.store.connection import Client
from orchestrator.store.identity import renew

log = logging.getLogger(__name__)


def original_of(data_dir: DataDir) -> DataDir | None:
    """The directory that this one is a copy of, where both are the same instance; None when it is none."""
    home = data_dir.home()
    if home is None or home == data_dir.path:
        return None
    original = DataDir(home)
    with contextlib.suppress(OSError):
        is_there = original.id_file.read_text() == data_dir.id_file.read_text() and original.home() == home
        if is_there and not home.samefile(data_dir.path):
            return original
    return None


async def become_another(data_dir: DataDir, original: DataDir, store: Client) -> str:
    """Give the copy, and its store, an id of its own, and say so; what it says."""
    new_id = data_dir.new_id()
    await renew(store, new_id)
    shutil.rmtree(data_dir.lines, ignore_errors=True)  # of the other's containers
    data_dir.id_file.write_text(f"{new_id}\n")
    message = (
        f"{data_dir.path} is a copy of {original.path}, which is still there: it is another instance from now on, {new_id}, "
        "and does again, in containers of its own, what was running when it was copied"
    )
    log.warning("%s", message)
    return message
