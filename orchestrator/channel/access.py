"""Who a container is on the channel, and the little it may do there."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from orchestrator_runtime import wire

USER_PREFIX = "c-"


@dataclass(frozen=True, slots=True)
class Access:
    """One container's user and streams, all derived from its random `channel_id` (128 bits) and the instance's secret.

    Nothing is stored: after a restart of either side the same access is made again.
    """

    channel_id: str
    password: str

    @classmethod
    def derive(cls, secret: bytes, channel_id: str) -> Access:
        """The access of the container with this channel_id."""
        return cls(channel_id, hmac.new(secret, channel_id.encode(), hashlib.sha256).hexdigest())

    @property
    def user(self) -> str:
        """Its name."""
        return f"{USER_PREFIX}{self.channel_id}"

    @property
    def stream_in(self) -> str:
        """What it may read."""
        return f"chan:{self.channel_id}:in"

    @property
    def stream_out(self) -> str:
        """What it may append to."""
        return f"chan:{self.channel_id}:out"

    def rules(self) -> list[str]:
        """For ``ACL SETUSER``: two keys, two commands, nothing else."""
        return [
            "reset",
            "on",
            f">{self.password}",
            "resetchannels",
            "-@all",
            f"%R~{self.stream_in}",
            f"%W~{self.stream_out}",
            "+xread",
            "+xadd",
        ]

    def environment(self, url: str) -> dict[str, str]:
        """What the shim needs to know; `url` as seen from inside the container."""
        return {
            wire.ENV_CHANNEL_URL: url,
            wire.ENV_CHANNEL_USER: self.user,
            wire.ENV_CHANNEL_PASSWORD: self.password,
            wire.ENV_STREAM_IN: self.stream_in,
            wire.ENV_STREAM_OUT: self.stream_out,
        }
