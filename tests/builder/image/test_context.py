from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

from orchestrator.builder.image.context import add_repo, prepare, runtime_packages
from orchestrator.builder.image.plan import ImagePlan
from orchestrator.core.image import BaseImage
from tests.packing import pack

EXAMPLES = Path(__file__).parents[3] / "examples"


def prepared(archive: bytes, context_dir: Path) -> ImagePlan:
    return prepare(add_repo(io.BytesIO(archive), context_dir), context_dir, BaseImage("base:1", "3.12"))


def test_a_packed_repo_becomes_a_build_context(tmp_path: Path) -> None:
    made = prepared(pack(EXAMPLES / "with-requirements"), tmp_path)
    with tarfile.open(tmp_path / "code.tar") as code:
        assert code.getnames() == ["README.md", "main.py", "requirements.txt"]
    assert list((tmp_path / "app").iterdir()) == []
    assert not (tmp_path / "data.tar").exists()
    assert (tmp_path / "dependencies" / "requirements.txt").read_text().startswith("humanize")
    assert (tmp_path / "orchestrator" / "runtime" / "orchestrator_runtime" / "wire.py").is_file()
    assert (made.entry_point, made.image.dependency_source) == ("main.py", "requirements.txt")


def test_preparing_the_same_repo_again_gives_the_same_plan(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    archive = pack(EXAMPLES / "quickstart")
    assert prepared(archive, tmp_path / "1") == prepared(archive, tmp_path / "2")


def test_the_runtime_is_readable_by_everyone_and_not_compiled(tmp_path: Path) -> None:
    prepared(pack(EXAMPLES / "quickstart"), tmp_path)
    files = [path for path in (tmp_path / "orchestrator").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644}
    assert not [path for path in files if path.suffix == ".pyc"]


def test_a_strict_mask_does_not_lock_tasks_out(tmp_path: Path) -> None:
    archive = pack(EXAMPLES / "fan_out")
    before = os.umask(0o077)
    try:
        prepared(archive, tmp_path)
    finally:
        os.umask(before)
    below = [path for name in ("app", "orchestrator") for path in (tmp_path / name).rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in below} == {0o755, 0o644}


def test_the_three_packages_exist() -> None:
    assert all(path.is_dir() for path in runtime_packages().values())
