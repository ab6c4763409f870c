"""Who a container is on the channel, and the little it may do there."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from orchestrator_runtime import wire

USER_PREFIX = "c-"


@dataclass(frozen=True, slots=True)
class Access:
    """One container's user and streams, all derived from its random `nonce` (128 bits) and the instance's secret.

    Nothing is stored: after a restart of either side the same access is made again.
    """

    nonce: str
    password: str

    @classmethod
    def derive(cls, secret: bytes, nonce: str) -> Access:
        """The access of the container with this nonce."""
        return cls(nonce, hmac.new(secret, nonce.encode(), hashlib.sha256).hexdigest())

    @property
    def user(self) -> str:
        """Its name."""
        return f"{USER_PREFIX}{self.nonce}"

    @property
    def stream_in(self) -> str:
        """What it may read."""
        return f"chan:{self.nonce}:in"

    @property
    def stream_out(self) -> str:
        """What it may append to."""
        return f"chan:{self.nonce}:out"

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
