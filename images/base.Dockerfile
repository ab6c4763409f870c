# The image every task image starts from, on any image that holds Python >= 3.11. Needs no network.
ARG PYTHON_IMAGE=python:3.12-slim
FROM ${PYTHON_IMAGE}

# /tmp is writable for everyone while the rest of a task's file system is read-only.
ENV LANG=C.UTF-8 \
    HOME=/tmp/home \
    VIRTUAL_ENV=/opt/venv \
    PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

RUN python3 -c 'import sys; sys.version_info >= (3, 11) or sys.exit(f"Python {sys.version} is older than 3.11")' \
 && python3 -m venv /opt/venv \
 && /opt/venv/bin/pip --version \
 # An official Python image has no bytecode, and a task's container could never save it: each start would compile anew.
 && python3 -m compileall -q -j 0 -x '/(tests?|site-packages|dist-packages)/' \
      "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
 && mkdir -p /app "$HOME" \
 && chmod 1777 "$HOME"

WORKDIR /app
