from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from orchestrator.cli import exit_codes
from orchestrator.cli.bench.samples import Report, Series
from tests.cli.conftest import Cli

REPORT = Report((Series("docker run", "ms", (400, 500)),), {"CPUs": "2"}, {"containers": 1})
FEW = ("bench", "--simulate", "--runs", "50")


def test_simulated_settings_are_rows_of_a_table(cli: Cli) -> None:
    head, *rows = cli(*FEW, "--pool", "0", "--pool", "3", "--overcommit", "0.5").stdout.splitlines()
    assert head.split()[:4] == ["pool", "budget", "MiB", "overcommit"]
    assert [row.split()[0] for row in rows] == ["0", "3"]
    assert {row.split()[2] for row in rows} == {"0.5"}


def test_simulated_settings_as_json_are_a_list_of_what_came_of_each(cli: Cli) -> None:
    (played,) = json.loads(cli(*FEW, "--pool", "5", "--overcommit", "1", "--json").stdout)
    assert (played["pool"], played["overcommit"], played["runs"]) == (5, 1.0, 50)
    assert {"p50", "p99"} == played["queued"].keys() == played["firstLine"].keys()


def test_the_same_seed_gives_the_same_answer(cli: Cli) -> None:
    first, again, other = (cli(*FEW, "--seed", seed, "--json").stdout for seed in ("1", "1", "2"))
    assert first == again != other


def test_a_pattern_nobody_knows_is_a_usage_error(cli: Cli) -> None:
    result = cli(*FEW, "--pattern", "tides")
    assert result.exit_code == exit_codes.USAGE
    assert "steady" in result.stderr


def test_redis_servers_of_others_are_not_measured(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.cli.commands.bench.docker_command", lambda: "docker")
    monkeypatch.setenv("ORCHESTRATOR_STORE_URL", "redis://127.0.0.1:1")
    result = cli("bench")
    assert result.exit_code == exit_codes.FAILED
    assert "unset ORCHESTRATOR_STORE_URL" in result.stderr


def test_what_was_measured_is_a_table_a_picture_and_a_line_about_what_stayed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("orchestrator.cli.bench.session.measure", lambda *_: REPORT)
    monkeypatch.setattr("orchestrator.cli.commands.bench.docker_command", lambda: "docker")
    result = cli("bench", "--svg", str(tmp_path / "picture.svg"))
    assert "docker run" in result.stdout
    assert "left behind: containers 1" in result.stdout
    assert result.exit_code == exit_codes.FAILED
    assert (tmp_path / "picture.svg").read_text().startswith("<svg")


def test_a_signal_means_what_it_did_before_once_all_is_measured(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.cli.bench.session.measure", lambda *_: REPORT)
    monkeypatch.setattr("orchestrator.cli.commands.bench.docker_command", lambda: "docker")
    before = signal.getsignal(signal.SIGTERM)
    cli("bench")
    assert signal.getsignal(signal.SIGTERM) == before
