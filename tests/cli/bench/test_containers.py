from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from orchestrator.cli.bench.containers import Containers
from orchestrator.core.container.spec import LABEL_CHANNEL, LABEL_INSTANCE, LABEL_ROLE, Role

pytestmark = pytest.mark.docker


@pytest.fixture
def containers(instance: str) -> Iterator[Containers]:
    with closing(Containers((instance,))) as opened:
        yield opened


def make(client: Any, image: str, instance: str, role: Role) -> None:
    labels = {LABEL_INSTANCE: instance, LABEL_ROLE: role, LABEL_CHANNEL: f"channel-of-{role}"}
    client.create_container(image, ["true"], labels=labels)


def test_what_is_left_of_an_instance_is_counted_and_removed(
    containers: Containers, docker_client: Any, base_image: str, instance: str
) -> None:
    make(docker_client, base_image, instance, Role.ATTEMPT)
    docker_client.create_network(f"orc-{instance}", labels={LABEL_INSTANCE: instance})
    assert containers.left() == {"containers": 1, "networks": 1}
    assert containers.left() == {"containers": 0, "networks": 0}


def test_those_that_were_started_ahead_are_known_by_their_role(
    containers: Containers, docker_client: Any, base_image: str, instance: str
) -> None:
    make(docker_client, base_image, instance, Role.WARM)
    make(docker_client, base_image, instance, Role.NETWORK)
    assert len(containers.waiting(instance)) == 1
    assert containers.channel_ids(instance) == {"channel-of-warm", "channel-of-network"}
    containers.settle()
    containers.left()
