from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from orchestrator.engine.docker.build.host_settings import (
    npm_tokens,
    parse_pip_config,
    read_host_settings,
    registries,
    settings_from,
)

LISTED = """\
:env:.cert='/etc/ssl/ca.pem'
:env:.index-url='https://env.example.org/simple'
global.index-url='https://file.example.org/simple'
global.extra-index-url='file:///opt/simple https://me:s%40cret@more.example.org/simple'
global.find-links='/opt/wheels'
install.user='true'
"""


def test_the_environment_outranks_files() -> None:
    assert parse_pip_config(LISTED)["index-url"] == "https://env.example.org/simple"


def test_addresses_are_handed_on_and_places_on_this_disk_are_not() -> None:
    text = settings_from(parse_pip_config(LISTED), b"").pip_conf
    assert "index-url = https://env.example.org/simple\n" in text
    assert "extra-index-url = https://me:s%40cret@more.example.org/simple\n" in text
    assert not any(word in text for word in ("file:", "/opt", "/etc/ssl", "user =", "cert ="))


def test_the_host_s_certificates_are_named_where_the_build_sees_them() -> None:
    assert "cert = /run/secrets/ca.crt\n" in settings_from({}, b"-----BEGIN").pip_conf


def test_passwords_are_redacted_in_every_spelling() -> None:
    settings = settings_from(parse_pip_config(LISTED), b"")
    assert settings.redact("at s%40cret and s@cret") == "at **** and ****"


def test_a_token_instead_of_name_and_password_is_redacted_too() -> None:
    assert settings_from({"index-url": "https://t0ken@a.example.org/"}, b"").redact("t0ken") == "****"


def test_of_an_npmrc_only_where_packages_are_and_who_may_have_them_reaches_a_build() -> None:
    npmrc = "registry=https://npm.example/\n@team:registry=https://t.example/\n//t.example/:_authToken=s3cret\nnodedir=/usr\n"
    kept = registries(npmrc)
    assert "nodedir" not in kept
    assert kept.splitlines() == npmrc.splitlines()[:3]
    assert npm_tokens(kept) == ["s3cret"]


async def test_without_a_pip_of_our_own_the_host_s_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\necho \"global.index-url='https://file.example.org/simple'\"\n")
    (tmp_path / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert "index-url = https://file.example.org/simple\n" in (await read_host_settings()).pip_conf


async def test_pip_is_asked_again_only_when_its_settings_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, asked = tmp_path / "pip.conf", tmp_path / "asked"
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho x >> {asked}\necho \"global.index-url='$(cat {file})'\"\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    for address in ("https://a.example/", "https://a.example/", "https://other.example/"):
        file.write_text(address)
        os.utime(file, (1, 1))
        assert f"index-url = {address}\n" in (await read_host_settings()).pip_conf
    assert asked.read_text() == "x\nx\n"
