from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance import configuration


def test_options_outrank_the_environment_and_that_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PORT", "1")
    monkeypatch.setenv("ORCHESTRATOR_GRACE_S", "7")
    settings = configuration.read(tmp_path, {"port": 2, "host": None})
    assert (settings.port, settings.grace_s, settings.host) == (2, 7.0, "127.0.0.1")


def test_a_value_that_is_none_is_refused_with_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(CliError) as caught:
        configuration.read(tmp_path, {"port": "many"})
    assert "port cannot be 'many'" in str(caught.value)
    assert (caught.value.hint, caught.value.exit_code) == (
        "it comes from --port or ORCHESTRATOR_PORT",
        exit_codes.USAGE,
    )


def test_a_child_process_reads_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = configuration.read(tmp_path, {"port": 0, "grace_s": 1.5})
    for name, value in configuration.environment(settings).items():
        monkeypatch.setenv(name, value)
    assert configuration.read(tmp_path, {}) == settings
