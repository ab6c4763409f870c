from __future__ import annotations

import io
import tarfile

import pytest

from orchestrator.builder.source.tar import MTIME_S, TarWriter

NAMES = ["a.py", "x" * 100, "x" * 101, f"{'deep/' * 60}a.py", "ä/ö.txt", "\udce9.txt"]


def entry(path: str, size: int, mode: int) -> tarfile.TarInfo:
    made = tarfile.TarInfo(path)
    made.size, made.mode, made.mtime = size, mode, MTIME_S
    return made


@pytest.mark.parametrize("path", NAMES)
@pytest.mark.parametrize(("content", "is_executable"), [(b"", False), (b"x" * 511, True), (b"x" * 5_000, False)])
def test_an_entry_has_the_bytes_that_tarfile_gives_it(path: str, content: bytes, is_executable: bool) -> None:
    ours, theirs = io.BytesIO(), io.BytesIO()
    TarWriter(ours).add_file(path, len(content), [content], is_executable=is_executable)
    with tarfile.open(fileobj=theirs, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(entry(path, len(content), 0o755 if is_executable else 0o644), io.BytesIO(content))
    assert theirs.getvalue().startswith(ours.getvalue())


def test_a_tar_of_ours_is_one() -> None:
    out = io.BytesIO()
    tar = TarWriter(out)
    tar.add_folder("a")
    tar.add_link("a/b", "../c")
    tar.add_file("c", 3, [b"on", b"e and more"], is_executable=False)
    tar.close()
    out.seek(0)
    with tarfile.open(fileobj=out) as read:
        assert [(one.name, one.type, one.linkname) for one in read] == [
            ("a", tarfile.DIRTYPE, ""),
            ("a/b", tarfile.SYMTYPE, "../c"),
            ("c", tarfile.REGTYPE, ""),
        ]
        assert read.extractfile("c").read() == b"one"  # type: ignore[union-attr]


def test_a_file_that_becomes_shorter_is_no_file() -> None:
    with pytest.raises(OSError, match="shorter"):
        TarWriter(io.BytesIO()).add_file("a", 3, [b"x"], is_executable=False)
