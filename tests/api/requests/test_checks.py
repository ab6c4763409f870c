from __future__ import annotations

import pytest

from orchestrator.api.requests.checks import check_packages, check_registry, check_texts, slug_of
from orchestrator.api.requests.refused import Refused


def test_a_name_becomes_a_slug() -> None:
    assert slug_of("My Shop") == "my-shop"


def test_a_name_without_letters_is_refused() -> None:
    with pytest.raises(Refused, match="needs a letter a-z or a digit"):
        slug_of("!!")


@pytest.mark.parametrize("texts", [{"start_command": "a\0b"}, {"start_command": "\ud800"}])
def test_a_command_that_no_shell_takes_is_refused(texts: dict[str, str]) -> None:
    with pytest.raises(Refused, match="startCommand has characters"):
        check_texts(**texts)


@pytest.mark.parametrize("root_dir", ["/etc", "../up", "a/../../b"])
def test_a_folder_outside_the_repo_is_refused(root_dir: str) -> None:
    with pytest.raises(Refused, match="leads out of the repo"):
        check_texts(root_dir=root_dir)


def test_what_is_usual_passes() -> None:
    check_texts(root_dir="app/src", start_command="python main.py", build_command=None)


def test_a_dockerfile_outside_the_repo_is_refused() -> None:
    with pytest.raises(Refused, match=r"dockerfile '../Dockerfile' leads out"):
        check_texts(dockerfile="../Dockerfile")


def test_what_is_no_package_of_the_system_is_refused() -> None:
    check_packages(["libpq-dev"])
    with pytest.raises(Refused, match="apt '-y' is no name of a Debian package"):
        check_packages(["git", "-y"])


@pytest.mark.parametrize("name", ["localhost:5000", "127.0.0.1:5000/a", "registry.test/team/jobs", "hub:5000", ""])
def test_a_registry_has_a_host_and_perhaps_a_path(name: str) -> None:
    assert check_registry(name) == name


@pytest.mark.parametrize(
    "name", ["team", "https://registry.test", "registry.test/A", "-x.y", "registry.test/a:b", "a.b/../c"]
)
def test_what_names_no_registry_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="names no registry"):
        check_registry(name)
