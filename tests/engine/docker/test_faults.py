from __future__ import annotations

import pytest

from orchestrator.engine.docker.faults import fix_for

SAID = {
    "failed to create endpoint x on network bridge: adding interface veth1 to bridge docker0 failed: could not find bridge "
    "docker0: route ip+net: no such network interface": "systemctl restart docker",
    "iptables failed: iptables --wait -t nat: iptables: No chain/target/match by that name.": "systemctl restart docker",
    "could not find an available, non-overlapping IPv4 address pool among the defaults": "docker network prune",
    "docker: Error response from daemon: network no-such not found.": "ORCHESTRATOR_NETWORK",
    "write /var/lib/docker/tmp/x: no space left on device": "docker system prune",
    "Unknown runtime specified runsc": "ORCHESTRATOR_CONTAINER_RUNTIME",
    "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock": "usermod",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?": "systemctl start docker",
    "NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution": "daemon.json",
    'failed to do request: Head "https://registry.example/v2/library/python/manifests/3.12-slim": dial tcp: lookup '
    "registry.example: no such host": "docker load",
    "[Errno 101] Network is unreachable": "ip_forward",
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed": "SSL_CERT_FILE",
}


@pytest.mark.parametrize(("said", "fix"), SAID.items())
def test_a_fault_of_the_host_comes_with_what_mends_it(said: str, fix: str) -> None:
    assert fix in fix_for(said)


@pytest.mark.parametrize(
    "said", ["", "ERROR: No matching distribution found for nosuch==1", "gcc: No such file or directory"]
)
def test_a_fault_of_the_repo_does_not(said: str) -> None:
    assert fix_for(said) == ""
