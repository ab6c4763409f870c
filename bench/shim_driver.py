"""Runs inside a container: how long the shim takes to its first frame, beside ``python -c pass``, in turns.

It plays the channel's server itself, so that nothing but the shim is measured. Prints one JSON object.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time

ROUNDS = int(sys.argv[1])
PYTHON = "/opt/venv/bin/python"
SHIM = [PYTHON, "-S", "-P", "/opt/orchestrator/runtime/orchestrator_runtime/__main__.py"]


def time_pass_ms() -> float:
    start = time.perf_counter()
    subprocess.run([PYTHON, "-c", "pass"], check=True)
    return (time.perf_counter() - start) * 1000


def time_shim_ms(folder: str) -> float:
    path = os.path.join(folder, "channel.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        env = {
            "ORCHESTRATOR_CHANNEL_URL": f"unix://{path}",
            "ORCHESTRATOR_CHANNEL_USER": "u",
            "ORCHESTRATOR_CHANNEL_PASSWORD": "p",
            "ORCHESTRATOR_STREAM_IN": "in",
            "ORCHESTRATOR_STREAM_OUT": "out",
            "ORCHESTRATOR_ENTRY_POINT": "main.py",
            "ORCHESTRATOR_MODE": "run",
        }
        start = time.perf_counter()
        process = subprocess.Popen(SHIM, env=env, cwd=folder)
        reader, _ = listener.accept()
        reader.recv(4096)
        reader.sendall(b"+OK\r\n")
        sender, _ = listener.accept()
        sender.recv(4096)
        sender.sendall(b"+OK\r\n")
        assert b'"ready"' in sender.recv(65536)
        elapsed_ms = (time.perf_counter() - start) * 1000
        process.kill()
        process.wait()
        reader.close()
        sender.close()
    os.unlink(path)
    return elapsed_ms


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "main.py"), "w") as module:
            module.write("from orchestrator_sdk import Workflows\nWorkflows().start()\n")
        pairs = [(time_pass_ms(), time_shim_ms(folder)) for _ in range(ROUNDS)]
    sys.stdout.write(json.dumps({"pass_ms": [a for a, _ in pairs], "shim_ms": [b for _, b in pairs]}))


main()
