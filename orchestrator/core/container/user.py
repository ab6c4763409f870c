"""Who a container's processes are: for each container somebody else.

What the kernel counts by user (inotify instances, timers, locked memory, message queues) one container then cannot use up for all.
"""

from __future__ import annotations

import hashlib
from typing import Final

NOBODY: Final = "65534:65534"
"""User and group where a host has no more than the 65,536 ids of a user namespace."""
UIDS: Final = range(2**30, 2**31)
"""Ids that no host gives to people: a container's follows from its channel, and that two have the same is as good as impossible."""
PASSWD_FILE: Final = "passwd"
"""Its name in the folder of a channel."""


def user_of(channel_id: str) -> str:
    """User and group of the container with this channel."""
    uid = _uid(channel_id)
    return f"{uid}:{uid}"


def passwd_of(channel_id: str) -> str:
    """Its /etc/passwd: programs that ask for the name of their user fail where there is none."""
    uid = _uid(channel_id)
    return (
        "root:x:0:0:root:/root:/usr/sbin/nologin\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        f"run:x:{uid}:{uid}::/tmp:/bin/sh\n"
    )


def _uid(channel_id: str) -> int:
    digest = hashlib.sha256(channel_id.encode()).digest()
    return UIDS[int.from_bytes(digest[:8], "big") % len(UIDS)]
