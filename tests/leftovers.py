"""Containers, networks and servers a test may have left."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound

from orchestrator.app.data_dir import DataDir
from orchestrator.core.container.spec import LABEL_ROLE, Role
from orchestrator.core.image import REPOSITORY
from orchestrator.host import cgroup
from orchestrator.redis.server import stop_left_over
from tests.wait import until

ROOT = Path(__file__).parent.parent


def stop_redis(data_dir: DataDir) -> None:
    """End the Redis of an instance that is gone; in a thread, for a browser that is driven has a loop of its own in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, stop_left_over(data_dir.path, data_dir.secret())).result()


def remove_all(client: Any, label: str) -> list[str]:
    """Remove what carries the label, and the cgroup above it; the names of what there was."""
    containers = client.containers(all=True, filters={"label": label})
    for container in containers:
        client.remove_container(container["Id"], force=True, v=True)
    networks = client.networks(filters={"label": label})
    for folder in cgroup.ROOT.glob(f"*/orc-{label.partition('=')[2]}"):
        until(partial(_is_rid_of, folder), f"{folder} to be free")
    for network in networks:
        until(partial(_is_removed, client, network["Id"]), f"network {network['Name']} to be free")
    return [container["Names"][0] for container in containers] + [network["Name"] for network in networks]


def containers_of_runs(client: Any, label: str) -> list[dict[str, Any]]:
    """The containers with this label that are there for a run: not those that only keep a network namespace."""
    found: list[dict[str, Any]] = client.containers(all=True, filters={"label": label})
    return [one for one in found if one["Labels"].get(LABEL_ROLE) != Role.NETWORK]


def _is_rid_of(folder: Path) -> bool:
    """False while the kernel still takes away what was below it.

    A Docker that is killed while it makes a container leaves the beginning of one there, which nobody ends.
    """
    for procs in folder.rglob("cgroup.procs"):
        for pid in procs.read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
    with suppress(OSError):
        for below in sorted(folder.glob("**/"), reverse=True):
            below.rmdir()
    return not folder.exists()


def _is_removed(client: Any, network_id: str) -> bool:
    """False while Docker still removes a container that it does not list any more."""
    try:
        client.remove_network(network_id)
    except NotFound:
        return True
    except APIError:
        return False
    return True


def remove_tags(client: Any, instance: str) -> None:
    """Let go of the images an instance kept; those that builds find again stay."""
    for image in client.images(name=f"{REPOSITORY}:{instance}-*"):
        for tag in image["RepoTags"]:
            if tag.startswith(f"{REPOSITORY}:{instance}-"):
                client.remove_image(tag)
