from __future__ import annotations

import pytest

from orchestrator.builder.image.build_hints import hint_for


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("a.c:35:10: fatal error: libpq-fe.h: No such file or directory", 'apt = ["libpq-dev"]'),
        ("Error: pg_config executable not found.", "--apt libpq-dev"),
        ("fatal error: libxml/xmlversion.h: No such file", "--apt libxml2-dev --apt libxslt1-dev"),
        ("gyp ERR! find Python Python is not set from command line", 'apt = ["python3"]'),
        ("Error: spawnSync python3 ENOENT", "--apt python3"),
        ("Error: spawn ffmpeg ENOENT", "the build calls ffmpeg"),
        ("x.c:1:1: fatal error: obscure/thing.h: No such file or directory", "obscure/thing.h is in a package"),
    ],
)
def test_what_the_system_lacks_is_named_with_its_package(reason: str, hint: str) -> None:
    assert hint in hint_for(reason)


def test_an_image_without_a_shell_is_told_what_it_needs() -> None:
    said = (
        'runc run failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory'
    )
    assert "has no shell" in hint_for(said)


def test_packages_for_a_newer_python_say_how_to_have_it() -> None:
    said = (
        "ERROR: Ignored the following versions that require a different python version: 5.9 Requires-Python >=3.9; "
        "6.0 Requires-Python >=3.12\nERROR: No matching distribution found for django<6.1,>=6.0"
    )
    assert 'python = "3.12" in [tool.orchestrator]' in hint_for(said)


def test_what_nobody_knows_has_no_hint() -> None:
    assert hint_for("ERROR: No matching distribution found for foo") == ""
