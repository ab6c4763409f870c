"""Requests to Docker on the event loop: over connections that are used again, and that may break at any time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.engine.docker.http import CALLS, DockerHttp

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"


class Docker:
    """Answers each request with the next of `answers`, the last one again and again; an empty one ends the connection."""

    def __init__(self) -> None:
        self.answers = [OK]
        self.requests: list[bytes] = []
        self.connections = 0
        self.at_once = self.most_at_once = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        while head := await self._head(reader):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            self.requests.append(head + await reader.readexactly(length))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            await self.may_answer.wait()
            self.at_once -= 1
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            writer.write(answer)
            if not answer or b"Connection: close" in answer:
                break
        writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""


@pytest.fixture
async def docker(tmp_path: Path) -> AsyncIterator[Docker]:
    docker = Docker()
    server = await asyncio.start_unix_server(docker.serve, tmp_path / "docker.sock")
    yield docker
    server.close()
    for writer in docker.writers:
        writer.close()


@pytest.fixture
async def http(docker: Docker, tmp_path: Path) -> AsyncIterator[DockerHttp]:
    http = DockerHttp(f"unix://{tmp_path / 'docker.sock'}")
    yield http
    http.close()


async def test_a_body_is_sent_as_json_and_the_answer_comes_as_it_is(docker: Docker, http: DockerHttp) -> None:
    docker.answers = [CHUNKED]
    answer = await http.request("POST", "/containers/create?name=a", {"Image": "b"})
    assert (answer.status, answer.body) == (200, b"abcde")
    head, _, body = docker.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /containers/create?name=a HTTP/1.1\r\n")
    assert json.loads(body) == {"Image": "b"}


async def test_a_connection_is_used_again(docker: Docker, http: DockerHttp) -> None:
    for _ in range(3):
        await http.request("GET", "/_ping")
    assert docker.connections == 1


async def test_a_connection_that_docker_wants_closed_is_not(docker: Docker, http: DockerHttp) -> None:
    docker.answers = [OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")]
    for _ in range(2):
        assert (await http.request("GET", "/_ping")).body == b"{}"
    assert docker.connections == 2


async def test_after_a_restart_of_docker_there_is_a_new_one(docker: Docker, http: DockerHttp) -> None:
    await http.request("GET", "/_ping")
    docker.writers[0].close()
    await docker.writers[0].wait_closed()
    for _ in range(10):  # the news is read, and told
        await asyncio.sleep(0)
    assert (await http.request("GET", "/_ping")).status == 200
    assert docker.connections == 2


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{", b"nonsense\r\n\r\n"]
)
async def test_an_answer_that_is_cut_short_or_none_is_an_error_of_the_connection(
    docker: Docker, http: DockerHttp, answer: bytes
) -> None:
    docker.answers = [answer, OK]
    with pytest.raises(ConnectionError):
        await http.request("GET", "/_ping")
    assert (await http.request("GET", "/_ping")).status == 200


async def test_the_answer_to_a_canceled_request_is_nobody_elses(docker: Docker, http: DockerHttp) -> None:
    docker.may_answer.clear()
    docker.answers = [CHUNKED, OK]
    canceled = asyncio.create_task(http.request("GET", "/first"))
    while not docker.requests:  # noqa: ASYNC110
        await asyncio.sleep(0)
    canceled.cancel()
    await asyncio.wait([canceled])
    docker.may_answer.set()
    answers = {(await http.request("GET", "/second")).body for _ in range(2)}
    assert b"{}" in answers
    assert docker.connections == 2


async def test_so_many_requests_are_under_way_at_once_and_no_more(docker: Docker, http: DockerHttp) -> None:
    docker.may_answer.clear()
    asked = [asyncio.create_task(http.request("GET", "/_ping")) for _ in range(2 * CALLS)]
    while docker.at_once < CALLS:  # noqa: ASYNC110
        await asyncio.sleep(0)
    docker.may_answer.set()
    await asyncio.wait(asked)
    assert (docker.most_at_once, len(docker.requests)) == (CALLS, 2 * CALLS)


async def test_nobody_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await DockerHttp(f"unix://{tmp_path / 'nobody.sock'}").request("GET", "/_ping")


async def test_dockers_own_words_are_found() -> None:
    from orchestrator.engine.docker.http import Answer

    assert Answer(404, b'{"message":"No such container: a"}').message == "No such container: a"
    assert Answer(502, b"bad gateway").message == "bad gateway"
