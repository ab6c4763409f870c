"""The log of a detached orchestrator is bounded; everywhere else lines go to stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.app.settings import Settings
from orchestrator.cli.instance import foreground
from orchestrator.cli.views import output


@pytest.fixture(autouse=True)
def _own_handlers() -> Iterator[None]:
    """Leaves logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_log_of_a_detached_orchestrator_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_format: str
) -> None:
    monkeypatch.setattr(foreground, "_LIMIT_BYTES", 2_000)
    with (tmp_path / "orchestrator.log").open("a") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        foreground._log_to(output.err(), Settings(data_dir=tmp_path, log_format=log_format))  # type: ignore[arg-type]  # noqa: SLF001
        for number in range(200):
            logging.getLogger("orchestrator.test").warning("line %d of many", number)
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["orchestrator.log", *(f"orchestrator.log.{number}" for number in (1, 2, 3))]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 4 * 2_000
    assert "line 199 of many" in (tmp_path / "orchestrator.log").read_text()


def test_elsewhere_lines_go_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    foreground._log_to(output.err(), Settings(data_dir=tmp_path))  # noqa: SLF001
    logging.getLogger("orchestrator.test").warning("for a service manager")
    assert "WARNING orchestrator.test: for a service manager" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
