from __future__ import annotations

import json

import pytest

from orchestrator.cli import exit_codes
from orchestrator.cli.commands import doctor
from tests.cli.conftest import Cli
from tests.cli.support.fake_host import FakeHost


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    host = FakeHost()
    monkeypatch.setattr(doctor, "Machine", lambda: host)
    return host


def test_doctor_succeeds_on_a_good_machine(cli: Cli, host: FakeHost) -> None:
    result = cli("doctor")
    assert result.exit_code == exit_codes.OK
    assert result.stdout.endswith("Ready.\n")


def test_doctor_fails_and_shows_the_mending_command(cli: Cli, host: FakeHost) -> None:
    del host.programs["redis-server"]
    result = cli("doctor")
    assert result.exit_code == exit_codes.FAILED
    assert "✗ fail  redis-server    not installed" in result.stdout
    assert "→ apt-get install redis-server" in result.stdout


def test_warnings_are_no_failure(cli: Cli, host: FakeHost) -> None:
    host.disk_bytes = 3 * 1024**3
    result = cli("doctor")
    assert result.exit_code == exit_codes.OK
    assert "Ready, with 2 to look at." in result.stdout


def test_doctor_as_json(cli: Cli, host: FakeHost) -> None:
    host.write_problem = "/data is not writable"
    result = cli("doctor", "--json")
    assert result.exit_code == exit_codes.FAILED
    failed = [check for check in json.loads(result.stdout) if check["verdict"] == "fail"]
    assert [check["name"] for check in failed] == ["data directory"]
