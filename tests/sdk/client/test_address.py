from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator_sdk.client.address import DEFAULT_URL, Address, find


@pytest.fixture
def empty(tmp_path: Path) -> dict[str, str]:
    return {"ORCHESTRATOR_DATA_DIR": str(tmp_path)}


@pytest.fixture
def instance(tmp_path: Path, empty: dict[str, str]) -> dict[str, str]:
    """The environment of someone whose instance is running."""
    (tmp_path / "endpoint").write_text("http://127.0.0.1:9999\n")
    (tmp_path / "api-key").write_text("orc_local\n")
    return empty


def test_without_anything_it_is_the_usual_port(empty: dict[str, str]) -> None:
    assert find(None, None, empty) == Address(DEFAULT_URL, "")


def test_the_instance_of_the_data_directory_is_found_with_its_key(instance: dict[str, str]) -> None:
    assert find(None, None, instance) == Address("http://127.0.0.1:9999", "orc_local")


def test_the_instances_key_goes_nowhere_else(instance: dict[str, str]) -> None:
    assert find("https://elsewhere.test", None, instance) == Address("https://elsewhere.test", "")
    assert find("http://127.0.0.1:9999/", None, instance).api_key == "orc_local"


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({"ORCHESTRATOR_URL": "http://a.test", "RENDER_LOCAL_DEV_URL": "http://b.test"}, "http://a.test"),
        ({"RENDER_LOCAL_DEV_URL": "http://b.test", "RENDER_USE_LOCAL_DEV": "true"}, "http://b.test"),
        ({"RENDER_USE_LOCAL_DEV": "true"}, DEFAULT_URL),
        ({"RENDER_USE_LOCAL_DEV": "0"}, "http://127.0.0.1:9999"),
    ],
)
def test_the_environment_names_the_server(variables: dict[str, str], url: str, instance: dict[str, str]) -> None:
    assert find(None, None, {**instance, **variables}).url == url


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({"ORCHESTRATOR_API_KEY": "a", "RENDER_API_KEY": "b"}, "a"),
        ({"RENDER_API_KEY": "b"}, "b"),
    ],
)
def test_the_environment_names_the_key(variables: dict[str, str], key: str, instance: dict[str, str]) -> None:
    assert find(None, None, {**instance, **variables}).api_key == key


def test_what_is_given_wins(instance: dict[str, str]) -> None:
    environment = {**instance, "ORCHESTRATOR_URL": "http://a.test", "ORCHESTRATOR_API_KEY": "a"}
    assert find("http://c.test/v1/", "c", environment) == Address("http://c.test", "c")


@pytest.mark.parametrize("url", ["localhost:8120", "ftp://a.test", "http://", "a.test"])
def test_what_is_no_address_is_refused(url: str, empty: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no address of an orchestrator"):
        find(url, None, empty)


@pytest.mark.parametrize(
    ("url", "is_loopback"), [("http://[::1]:1", True), ("http://localhost", True), ("http://a.test", False)]
)
def test_a_proxy_is_never_on_the_way_to_this_machine(url: str, is_loopback: bool, empty: dict[str, str]) -> None:
    assert find(url, None, empty).is_loopback == is_loopback
