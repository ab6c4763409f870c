"""Temporary files are in the data directory: nobody else may look into it, and what one that was killed left there is known."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_VARIABLE: Final = "TMPDIR"
"""Where Python, Git, Docker's command and whatever else is started make theirs."""


@contextmanager
def temporary_files(folder: Path) -> Iterator[None]:
    """Makes the folder anew, without what was in it; inside the block this process and those it starts make their files there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    before, found = os.environ.get(_VARIABLE), tempfile.tempdir
    os.environ[_VARIABLE] = tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = found
        if before is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = before
