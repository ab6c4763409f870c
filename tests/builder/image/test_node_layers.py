"""What package managers of Node are told of the host's registry."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from orchestrator.builder.image.node_layers import REGISTRY

ADDRESS = "https://packages.example/npm/"
TOLD = ("BUN_CONFIG_REGISTRY", "BUN_CONFIG_TOKEN", "YARN_NPM_REGISTRY_SERVER", "YARN_NPM_AUTH_TOKEN")


@pytest.fixture
def npmrc(tmp_path: Path) -> Path:
    """The host's settings, and an npm that knows them."""
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho {ADDRESS}\n")
    npm.chmod(0o755)
    return tmp_path / "npmrc"


def told(npmrc: Path) -> list[str]:
    environment = {"PATH": f"{npmrc.parent}:/usr/bin:/bin", "NPM_CONFIG_USERCONFIG": str(npmrc)}
    script = "\n".join((REGISTRY, *(f'echo "${name}"' for name in TOLD)))
    return subprocess.check_output(["sh", "-ec", script], env=environment, cwd=npmrc.parent, text=True).splitlines()


def test_the_hosts_token_goes_to_bun_and_yarn_by_their_own_names(npmrc: Path) -> None:
    npmrc.write_text(f"registry={ADDRESS}\n//elsewhere.example/:_authToken=no\n//packages.example/npm/:_authToken=t1\n")
    assert told(npmrc) == [ADDRESS, "t1", ADDRESS.rstrip("/"), "t1"]


def test_a_registry_without_a_token_is_asked_without_one(npmrc: Path) -> None:
    npmrc.write_text(f"registry={ADDRESS}\n")
    assert told(npmrc) == [ADDRESS, "", ADDRESS.rstrip("/"), ""]


def test_a_repo_that_names_its_own_registry_is_not_sent_elsewhere_and_not_given_the_token(npmrc: Path) -> None:
    npmrc.write_text(f"registry={ADDRESS}\n//packages.example/npm/:_authToken=t1\n")
    (npmrc.parent / ".yarnrc.yml").write_text("npmRegistryServer: https://own.example\n")
    assert told(npmrc) == [ADDRESS, "t1", "", ""]
