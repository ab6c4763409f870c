from __future__ import annotations

import gzip
import io
import tarfile
import tempfile
from pathlib import Path

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source import contents
from orchestrator.builder.source.tar import MTIME_S
from orchestrator.builder.source.tree import scan
from orchestrator.core.workflow import SOURCE_BYTES
from tests.packing import pack


def unpacked(data: bytes, into: Path, limit_bytes: int = SOURCE_BYTES) -> Path:
    with tempfile.TemporaryFile() as file:
        found = contents.read(io.BytesIO(data), file, limit_bytes)
        found.write(into, found.paths())
    return into


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    (folder / "lib").mkdir(parents=True)
    (folder / "main.py").write_text("print('hello')\n")
    (folder / "lib" / "words.py").write_text("WORDS = 3\n")
    (folder / "run.sh").write_text("true\n")
    (folder / "run.sh").chmod(0o700)
    (folder / "alias.py").symlink_to("lib/words.py")
    (folder / "here").symlink_to("lib")
    return folder


def test_a_folder_survives_the_journey(repo: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    unpacked(pack(repo), there)
    assert (there / "lib" / "words.py").read_text() == "WORDS = 3\n"
    assert (there / "alias.py").read_text() == "WORDS = 3\n"
    assert ((there / "run.sh").stat().st_mode & 0o777, (there / "main.py").stat().st_mode & 0o777) == (0o755, 0o644)


def test_its_tree_is_that_of_the_unpacked_folder(repo: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    unpacked(pack(repo), there)
    with tempfile.TemporaryFile() as file:
        tree = contents.read(io.BytesIO(pack(repo)), file).tree()
    assert tree == scan(there)
    assert tree.texts["alias.py"] == "WORDS = 3\n"


def test_a_link_below_a_link_is_where_that_leads(tmp_path: Path) -> None:
    there = unpacked(
        archive_of(
            ("a/b/x.py", FILE), ("up", {**LINK, "linkname": "a/b"}), ("up/y.py", {**LINK, "linkname": "../../a/b/x.py"})
        ),
        tmp_path,
    )
    assert (there / "a" / "b" / "y.py").read_text() == "x"


def test_a_part_has_its_own_names(repo: Path) -> None:
    with tempfile.TemporaryFile() as file:
        part = contents.read(io.BytesIO(pack(repo)), file).below("lib")
        assert (list(part.files), part.links, part.tree().texts) == (["words.py"], {}, {"words.py": "WORDS = 3\n"})


def test_a_tar_has_the_files_as_they_are_in_an_image(repo: Path, tmp_path: Path) -> None:
    def tar(name: str) -> bytes:
        with tempfile.TemporaryFile() as file:
            found = contents.read(io.BytesIO(pack(repo)), file)
            found.write_tar(tmp_path / name, found.paths())
        return (tmp_path / name).read_bytes()

    assert tar("one.tar") == tar("two.tar")
    with tarfile.open(tmp_path / "one.tar") as made:
        there = {one.name: (one.mode, one.uid, one.linkname, one.mtime) for one in made}
        assert made.extractfile("lib/words.py").read() == b"WORDS = 3\n"  # type: ignore[union-attr]
    assert there == {
        "alias.py": (0o777, 0, "lib/words.py", MTIME_S),
        "here": (0o777, 0, "lib", MTIME_S),
        "lib": (0o755, 0, "", MTIME_S),
        "lib/words.py": (0o644, 0, "", MTIME_S),
        "main.py": (0o644, 0, "", MTIME_S),
        "run.sh": (0o755, 0, "", MTIME_S),
    }


# --- hostile archives ---


def archive_of(*entries: tuple[str, dict[str, object]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, fields in entries:
            entry = tarfile.TarInfo(name)
            for field, value in fields.items():
                setattr(entry, field, value)
            tar.addfile(entry, io.BytesIO(b"x" * entry.size) if entry.isreg() else None)
    return buffer.getvalue()


LINK: dict[str, object] = {"type": tarfile.SYMTYPE}
FILE: dict[str, object] = {"size": 1}


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([("/etc/cron.d/x", FILE)], "leads out"),
        ([("../x.py", FILE)], "leads out"),
        ([("a/../../x.py", FILE)], "leads out"),
        ([("a\\..\\x.py", FILE)], "leads out"),
        ([("x", {**LINK, "linkname": "/etc/passwd"})], "outside"),
        ([("x", {**LINK, "linkname": "../../secret"})], "outside"),
        ([("here", {**LINK, "linkname": "."}), ("here/x", {**LINK, "linkname": "../y"})], "outside"),
        ([("x", {**LINK, "linkname": ".."}), ("x/owned.py", FILE)], "cannot be unpacked|outside"),
        ([("x", {**LINK, "linkname": ".."}), ("x/owned", {**LINK, "linkname": "main.py"})], "outside"),
        ([("x", {**LINK, "linkname": "y"}), ("y", {**LINK, "linkname": ".."})], "outside"),
        ([("x", {**LINK, "linkname": "x"})], "outside"),
        ([("x", {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"})], "neither file"),
        ([("x", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3})], "neither file"),
        ([("x", {"type": tarfile.FIFOTYPE})], "neither file"),
        ([("a.py", FILE), ("a.py", FILE)], "cannot be unpacked"),
        ([("a.py", FILE), ("a.py/b.py", FILE)], "cannot be unpacked"),
        ([("a/b.py", FILE), ("a", FILE)], "cannot be unpacked"),
        ([("a/b.py", FILE), ("a", {**LINK, "linkname": "c"})], "cannot be unpacked"),
        ([("a.py", FILE), ("a.py/b", {**LINK, "linkname": "c"})], "cannot be unpacked"),
        ([(".", FILE)], "cannot be unpacked"),
        ([("x" * 256, FILE)], "longer than any file system takes"),
        ([("x/" * 2100 + "y", FILE)], "longer than any file system takes"),
        ([], "is empty"),
    ],
)
def test_hostile_archives_are_refused(tmp_path: Path, entries: list[tuple[str, dict[str, object]]], says: str) -> None:
    with pytest.raises(BadSource, match=says):
        unpacked(archive_of(*entries), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "data",
    [b"", b"not an archive", gzip.compress(b"not a tar"), gzip.compress(b"x" * 2000)[:-9]],
    ids=["empty", "not compressed", "no tar inside", "cut short"],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadSource):
        unpacked(data, tmp_path)


def test_a_bomb_of_content_is_refused_before_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="when unpacked"):
        unpacked(archive_of(("zeros", {"size": 2_000_000})), tmp_path, limit_bytes=200_000)
    assert not list(tmp_path.iterdir())


def test_a_bomb_behind_the_end_is_unpacked_no_further_than_files_may_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "FILES_LIMIT", 10)
    with pytest.raises(BadSource, match="when unpacked"), tempfile.TemporaryFile() as file:
        contents.read(io.BytesIO(gzip.compress(bytes(50_000_000))), file, 100_000)
    assert file.closed


def test_a_bomb_in_the_headers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="longer than any file system takes"):
        unpacked(archive_of(("a.py", {**FILE, "pax_headers": {"comment": "x" * 5_000_000}})), tmp_path)


def test_an_entry_with_less_than_no_content_is_refused(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("a.py").tobuf())
    header[124:136] = b"\xff" * 12
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(BadSource, match="less than no content"):
        unpacked(gzip.compress(bytes(header) + bytes(10240)), tmp_path)


def test_a_sparse_file_is_refused_by_name(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("a.py").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(BadSource, match=r"'a\.py' is a sparse file"):
        unpacked(gzip.compress(bytes(header) + bytes(10240)), tmp_path)


def test_a_bomb_of_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "FILES_LIMIT", 10)
    with pytest.raises(BadSource, match="more than 10 entries"):
        unpacked(archive_of(*((f"{n}.py", FILE) for n in range(11))), tmp_path)
