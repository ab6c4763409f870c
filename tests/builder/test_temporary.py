from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.builder.temporary import temporary_folder


async def test_it_is_gone_afterwards_with_all_that_is_in_it() -> None:
    async with temporary_folder("test-") as folder:
        (folder / "below").mkdir()
        (folder / "below" / "file").write_text("x")
    assert not folder.exists()


async def test_it_is_gone_after_a_failure_too() -> None:
    made: list[Path] = []

    async def fail_in_it() -> None:
        async with temporary_folder("test-") as folder:
            made.append(folder)
            raise LookupError

    with pytest.raises(LookupError):
        await fail_in_it()
    assert not made[0].exists()
