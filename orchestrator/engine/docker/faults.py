"""What Docker, and programs in its containers, say when the host is at fault, and what mends it."""

from __future__ import annotations

import re
from typing import Final

_RESTART: Final = "sudo systemctl restart docker"
_NETWORK: Final = (
    f"{_RESTART}  (it makes its bridge and its firewall rules anew; a firewall that was reloaded takes them away)"
)
_NO_NAMES: Final = (
    "let containers resolve names: see /etc/resolv.conf, or set dns in /etc/docker/daemon.json and restart Docker; "
    "behind a proxy set HTTPS_PROXY where the orchestrator starts"
)
_NO_WAY_OUT: Final = (
    "let containers reach the network: sysctl net.ipv4.ip_forward must be 1, and a firewall must let Docker's bridge pass; "
    "behind a proxy set HTTPS_PROXY where the orchestrator starts"
)

_NO_IMAGE: Final = (
    "this host has no such image, and its registry does not answer: docker load it, or name one in FROM that docker images lists; "
    "behind a proxy let dockerd have HTTPS_PROXY"
)

_FIXES: Final = tuple(
    (re.compile(said, re.IGNORECASE), fix)
    for said, fix in (
        (
            r"could not find bridge|no such network interface|failed to create endpoint|iptables failed|No chain/target",
            _NETWORK,
        ),
        (
            r"non-overlapping IPv4 address pool",
            "docker network prune  (Docker has no addresses left for another network)",
        ),
        (
            r"network \S+ not found|No such network",
            "make the network, or name another in ORCHESTRATOR_NETWORK (unset, the orchestrator makes its own)",
        ),
        (
            r"no space left on device|disk quota exceeded",
            "docker system prune  (removes what no container uses; see docker system df)",
        ),
        (
            r"unknown or invalid runtime|Unknown runtime",
            "install the runtime of ORCHESTRATOR_CONTAINER_RUNTIME, or unset that",
        ),
        (
            r"permission denied.*docker.*sock|docker.*sock.*permission denied",
            "sudo usermod -aG docker $USER  (then log in again)",
        ),
        (r"cannot connect to the docker daemon|error during connect", "sudo systemctl start docker"),
        (
            r"buildx component is missing|buildkit is .*not (supported|enabled)",
            "apt-get install docker-buildx-plugin  (or docker.io)",
        ),
        (
            r"certificate verify failed|self.signed certificate|unknown authority",
            "name your network's certificates in SSL_CERT_FILE where the orchestrator starts: builds get them from there",
        ),
        (r"failed to do request: \w+ \S+/manifests/", _NO_IMAGE),
        (r"temporary failure in name resolution|could not resolve|name or service not known|no such host", _NO_NAMES),
        (r"network is unreachable|no route to host|ConnectTimeoutError|connection timed out", _NO_WAY_OUT),
        (r"OCI runtime create failed|failed to create shim", f"{_RESTART}  (and see its log: journalctl -u docker)"),
    )
)


def fix_for(said: str) -> str:
    """What mends the host that makes programs say this; empty when the fault is not known, or not the host's."""
    return next((fix for pattern, fix in _FIXES if pattern.search(said)), "")


def with_fix(said: str) -> str:
    """The same, and what mends it on a line of its own."""
    fix = fix_for(said)
    return f"{said}\nhint: {fix}" if fix else said
