from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from orchestrator_sdk.client.models import Deploy
from orchestrator_sdk.client.requests.request import Request, encode


def upload(archive: bytes | IO[bytes]) -> Request[str]:
    """Send a packed source, a tar.gz or an open file of one, for the one deploy that names it within ten minutes; its id.

    A file is read from its beginning as it is sent, and never held whole.
    """
    return Request("POST", "/sources", _id, body=archive, content_type="application/gzip")


def deploy(  # noqa: PLR0913 - all but the name by keyword
    name: str,
    *,
    archive: bytes | None = None,
    upload: str | None = None,
    repo: str | None = None,
    branch: str | None = None,
    commit: str | None = None,
    root_dir: str | None = None,
    start_command: str | None = None,
    build_command: str | None = None,
    env: Mapping[str, str] | None = None,
    apt: Iterable[str] = (),
    dockerfile: str | None = None,
    network: str | Sequence[str] | None = None,
    build_env: Mapping[str, str] | None = None,
    build_secrets: Mapping[str, str] | None = None,
    submodules: bool = False,
    push: str | None = None,
    source: str | None = None,
) -> Request[Deploy]:
    """Ask for a new version of the workflow `name`, made when there is none; returns at once, and `version` tells how it goes.

    The code is an `archive`, a tar.gz of 64 MiB at most, an `upload`, or comes from `repo`, a Git URL. `env` are variables its
    tasks see, `apt` packages of the system; `dockerfile`, a path in the code, makes the image; `network` says where runs of tasks
    that do not say it may go: "internet", "none", or a list of the only hosts and IPv4 ranges. The steps of the build see
    `build_env` and `build_secrets` as variables, the latter in no layer of the image; `submodules` of a repo are fetched, too.
    `push` names a registry that is to have the image. `source` is what people are told an archive came from.
    """
    fields = {
        "name": name,
        "archive": None if archive is None else base64.b64encode(archive).decode(),
        "upload": upload,
        "repo": repo,
        "branch": branch,
        "commit": commit,
        "rootDir": root_dir,
        "startCommand": start_command,
        "buildCommand": build_command,
        "env": dict(env or {}),
        "apt": list(apt),
        "dockerfile": dockerfile,
        "network": _places(network),
        "buildEnv": dict(build_env or {}),
        "buildSecrets": dict(build_secrets or {}),
        "submodules": submodules,
        "push": push,
        "source": source,
    }
    return Request(
        "POST", "/deploys", Deploy.parse, body=encode({key: value for key, value in fields.items() if value})
    )


def _places(network: str | Sequence[str] | None) -> str | list[str] | None:
    if network is None or isinstance(network, str):
        return network
    return list(network) or "none"


def _id(answer: Any) -> str:
    return str(answer["id"])
