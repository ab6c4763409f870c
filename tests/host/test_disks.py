"""The disk that fills first decides, and the reserve is never given away."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestrator.core.scheduling.capacity import UNBOUNDED
from orchestrator.host.disks import Disks


@pytest.fixture
def _free(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {Path("/engine"): 700, Path("/instance"): 300}

    def usage(path: Path) -> SimpleNamespace:
        if path not in sizes:
            raise FileNotFoundError(path)
        return SimpleNamespace(free=sizes[path])

    monkeypatch.setattr(shutil, "disk_usage", usage)


@pytest.mark.usefixtures("_free")
@pytest.mark.parametrize(
    ("paths", "reserve_bytes", "free_bytes"),
    [
        (("/engine",), 0, 700),
        (("/engine", "/instance"), 100, 200),
        (("/instance",), 400, -100),
        (("/engine", "/gone"), 100, 600),
        ((), 0, UNBOUNDED),
    ],
)
def test_what_may_be_written(paths: tuple[str, ...], reserve_bytes: int, free_bytes: int) -> None:
    assert Disks(tuple(map(Path, paths)), reserve_bytes).free_bytes() == free_bytes
