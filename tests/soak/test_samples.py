"""Growth is told from noise, and from what fills at the beginning."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.soak.samples import Sample, grown, growth, look

FLAT = Sample(100, 60, 40, 80)


def test_what_stays_as_it_is_has_not_grown() -> None:
    assert grown([FLAT] * 20) == []


def test_what_fills_at_the_beginning_has_not_grown() -> None:
    empty = Sample(50, 20, 1, 1)
    assert grown([empty] * 5 + [FLAT] * 15) == []


def test_one_high_sample_is_no_growth() -> None:
    assert grown([FLAT] * 19 + [Sample(900, 900, 900, 900)]) == []


def test_what_goes_on_growing_is_named() -> None:
    samples = [Sample(100 + 5 * number, 60, 40, 80) for number in range(40)]
    assert grown(samples) == ["resident_mib"]
    assert growth(samples)["resident_mib"] == 100


def test_a_sample_is_of_a_process_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(2 * 2**20))
    found = look(os.getpid(), 3 * 2**20, tmp_path)
    assert found.resident_mib > 1
    assert found.files > 2
    assert (found.store_mib, round(found.disk_mib)) == (3, 2)


def test_a_folder_that_goes_while_it_is_looked_at_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(bytes(2 * 2**20))
    (tmp_path / "line").mkdir()
    scandir = os.scandir

    def removed_before(folder: Path) -> object:
        folder = Path(folder)
        if folder.name == "line":
            folder.rmdir()
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", removed_before)
    assert round(look(os.getpid(), 0, tmp_path).disk_mib) == 2
