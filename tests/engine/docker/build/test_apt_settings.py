"""What a build is told of the host's mirror."""

from __future__ import annotations

from pathlib import Path

from orchestrator.engine.docker.build.apt_settings import NO_APT, read_apt_settings, settings_from

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}
DEB822 = "Types: deb\nURIs: https://user:hush@mirror.test/debian\nSuites: bookworm bookworm-updates\n"
OWN = {"sources.list.d/debian.sources": DEB822}


def apt(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_the_release_is_left_to_the_image(tmp_path: Path) -> None:
    folder = apt(tmp_path, {"sources.list": "deb http://m.test bookworm-security main\n", **OWN})
    found = settings_from(folder, DEBIAN, 'Acquire::Retries "3";\n')
    assert found.one_line == "deb http://m.test @codename@-security main\n\n"
    assert "Suites: @codename@ @codename@-updates" in found.deb822
    assert found.conf == '// debian\nAcquire::Retries "3";\n'


def test_a_password_is_known_so_that_no_log_shows_it(tmp_path: Path) -> None:
    folder = apt(tmp_path, OWN)
    assert settings_from(folder, DEBIAN, "").passwords == ("hush",)


def test_what_else_the_host_installs_from_is_left_out_unless_there_is_nothing_else(tmp_path: Path) -> None:
    folder = apt(tmp_path, {**OWN, "sources.list.d/other.list": "deb http://o.test x main\n"})
    assert settings_from(folder, DEBIAN, "").one_line == ""
    (folder / "sources.list.d" / "debian.sources").unlink()
    assert "o.test" in settings_from(folder, DEBIAN, "").one_line


async def test_a_host_without_apt_has_none(tmp_path: Path) -> None:
    assert await read_apt_settings(tmp_path) == NO_APT
