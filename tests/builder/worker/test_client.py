"""Repos that would hold or grow whoever reads them: the process that does is ended, and the reason is a sentence."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.worker.client import prepare
from orchestrator.builder.worker.protocol import Limits, Order, Prepared
from orchestrator.core.plans import MIB
from orchestrator.core.workflow import Source

pytestmark = pytest.mark.long

DOUBLED = "\n".join(["a0: &a0 {x: 1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 30))])
NESTED = "\n".join(["x0: &x0 [a]", *(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 12))])
SERVICE = "services: [{type: workflow, name: a, startCommand: python main.py"


class Lines(list[str]):
    async def __call__(self, line: str) -> None:
        self.append(line)


def packed(entries: Iterator[tuple[tarfile.TarInfo, bytes]] | list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as tar:
        for entry, content in entries:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def files(**texts: str) -> bytes:
    return packed([(tarfile.TarInfo(name.replace("_", ".")), text.encode()) for name, text in texts.items()])


async def read(
    folder: Path, archive: bytes = b"", source: Source | None = None, limits: Limits | None = None
) -> Prepared:
    (folder / "archive").write_bytes(archive)
    (folder / "context").mkdir()
    order = Order(folder / "archive", folder / "context", source, limits=limits or Limits(cpu_s=20, wall_s=120))
    return await prepare(order, Lines())


def in_the_image(folder: Path) -> list[str]:
    with tarfile.open(folder / "context" / "code.tar") as code:
        return code.getnames()


async def test_a_dockerfile_of_the_repos_own_has_its_files_unpacked(tmp_path: Path) -> None:
    await read(tmp_path, files(Dockerfile="FROM x\n", readme_md=""))
    assert sorted(os.listdir(tmp_path / "context" / "app")) == ["Dockerfile", "readme.md"]


async def test_a_repo_is_unpacked_and_understood(tmp_path: Path) -> None:
    prepared = await read(tmp_path, files(main_py="", requirements_txt="six\n"))
    assert prepared.project.entry_point == "main.py"
    assert prepared.project.dependencies is not None
    assert prepared.project.dependencies.files == {"requirements.txt": "six\n"}
    assert in_the_image(tmp_path) == ["main.py", "requirements.txt"]


async def test_only_the_root_directory_of_a_blueprint_is_kept(tmp_path: Path) -> None:
    blueprint = "services: [{type: workflow, rootDir: 'my\\njobs', startCommand: python main.py}]".replace("'", '"')
    archive = packed(
        [(tarfile.TarInfo("render.yaml"), blueprint.encode()), (tarfile.TarInfo("my\njobs/main.py"), b"x = 1")]
    )
    assert (await read(tmp_path, archive)).project.root == "my\njobs"
    assert in_the_image(tmp_path) == ["main.py"]


async def test_a_refusal_has_the_words_it_has_in_the_process(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"^no main.py or index.ts, and no other file calls app.start\(\)"):
        await read(tmp_path, files(other_py="import orchestrator_sdk"))


async def test_a_name_that_is_no_unicode_is_a_file_like_any_other(tmp_path: Path) -> None:
    archive = packed([(tarfile.TarInfo("main.py"), b""), (tarfile.TarInfo(os.fsdecode(b"caf\xe9.txt")), b"")])
    assert (await read(tmp_path, archive)).project.entry_point == "main.py"
    assert os.fsdecode(b"caf\xe9.txt") in in_the_image(tmp_path)


@pytest.mark.parametrize("service", [f"{SERVICE}, rootDir: *x11}}]", f"{SERVICE}, x: *a29}}]"])
async def test_a_blueprint_of_anchors_is_refused_in_time(tmp_path: Path, service: str) -> None:
    text = (NESTED if "x11" in service else DOUBLED) + "\n" + service
    with pytest.raises(BadSource, match=r"rootDir is not a text|of computing|of memory"):
        await read(tmp_path, files(main_py="", render_yaml=text), limits=Limits(cpu_s=1))


async def test_headers_of_any_length_take_no_memory(tmp_path: Path) -> None:
    def entries() -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        for number in range(200):
            entry = tarfile.TarInfo(f"{number}.txt")
            entry.pax_headers = {"comment": "c" * 500_000}
            yield entry, b""

    with pytest.raises(BadSource, match="longer than any file system takes"):
        await read(tmp_path, packed(entries()), limits=Limits(memory_bytes=512 * MIB))


async def test_many_empty_files_are_unpacked_within_the_limits(tmp_path: Path) -> None:
    names = ["main.py", *(f"data/{number}" for number in range(4_000))]
    prepared = await read(tmp_path, packed([(tarfile.TarInfo(name), b"") for name in names]))
    assert prepared.project.entry_point == "main.py"


async def test_code_that_takes_more_memory_than_there_is_is_not_looked_at(tmp_path: Path) -> None:
    archive = files(main_py="", data_py="x = [" + "1," * 300_000 + "]\n")
    limits = Limits(memory_bytes=160 * MIB, cpu_s=60)
    assert (await read(tmp_path, archive, limits=limits)).project.entry_point == "main.py"


async def test_time_is_limited_too(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"took longer than 0.01 s and was stopped"):
        await read(tmp_path, files(main_py=""), limits=Limits(wall_s=0.01))


async def test_a_process_that_dies_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"memory: leave data out|ended its process"):
        await read(tmp_path, files(main_py=""), limits=Limits(memory_bytes=MIB))


def git(*arguments: str, cwd: Path, stdin: bytes = b"") -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments]
    return subprocess.run(command, cwd=cwd, input=stdin, check=True, capture_output=True).stdout.decode().strip()


async def test_a_repo_of_a_million_names_is_refused_before_any_is_written(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git("init", "--quiet", cwd=repo)
    tree = git("hash-object", "-w", "--stdin", cwd=repo)
    kind, mode = "blob", "100644"
    for _ in range(3):  # 100 of 100 of 100: each tree is stored once
        listed = "".join(f"{mode} {kind} {tree}\tn{number}\n" for number in range(100))
        tree, kind, mode = git("mktree", cwd=repo, stdin=listed.encode()), "tree", "040000"
    git("update-ref", "HEAD", git("commit-tree", "-m", "x", tree, cwd=repo), cwd=repo)
    with pytest.raises(BadSource, match=r"has more than 50,000 files or 512 MiB"):
        await read(tmp_path, source=Source(f"file://{repo}", is_git=True))


async def test_a_repo_that_is_large_only_when_unpacked_is_refused(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git("init", "--quiet", cwd=repo)
    blob = git("hash-object", "-w", "--stdin", cwd=repo, stdin=bytes(30 * MIB))
    listed = "".join(f"100644 blob {blob}\tz{number}\n" for number in range(30))
    tree = git("mktree", cwd=repo, stdin=listed.encode())
    git("update-ref", "HEAD", git("commit-tree", "-m", "x", tree, cwd=repo), cwd=repo)
    with pytest.raises(BadSource, match=r"has more than 50,000 files or 512 MiB"):
        await read(tmp_path, source=Source(f"file://{repo}", is_git=True))
