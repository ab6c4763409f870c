from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestrator.app.settings import Settings


def test_every_setting_can_be_given_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"DATA_DIR": "/d", "PORT": "1", "NO_AUTH": "true", "GRACE_S": "0.5", "STORE_FSYNC": "always"}
    for name, value in given.items():
        monkeypatch.setenv(f"ORCHESTRATOR_{name}", value)
    settings = Settings()
    assert (settings.data_dir, settings.port, settings.no_auth) == (Path("/d"), 1, True)
    assert (settings.grace_s, settings.store_fsync) == (0.5, "always")


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", 65_536), ("grace_s", -1), ("lease_s", 0.5), ("store_fsync", "no"), ("network_allow", "10.0.0.0/99")],
)
def test_a_value_out_of_its_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({name: value})


def test_a_time_or_size_says_its_unit() -> None:
    units = ("_s", "_days", "_bytes", "_cpus", "_pids", "_percent")
    numbers = [name for name, field in Settings.model_fields.items() if "int" in str(field.annotation)]
    numbers += [name for name, field in Settings.model_fields.items() if "float" in str(field.annotation)]
    counted = {
        "cpu_overcommit",
        "keep_runs_max",
        "keep_versions",
        "key_open_requests",
        "parallel_builds",
        "parallel_starts",
        "port",
    }
    assert {name for name in numbers if not name.endswith(units)} == counted
