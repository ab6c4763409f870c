"""A Dockerfile of the repo's own."""

from __future__ import annotations

import pytest

from orchestrator.builder.detect import dockerfile
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree

STAGES = """# syntax=docker/dockerfile:1.7
FROM --platform=linux/amd64 golang:1.22 AS build
RUN --mount=type=cache,target=/root/.cache --mount=type=bind,source=../x,target=/x go build
FROM python:3.12-slim
COPY --from=build /out /out
"""


def read(text: str) -> dockerfile.Dockerfile:
    return dockerfile.read(FileTree({"Dockerfile": "-"}, {"Dockerfile": text}), "Dockerfile")


@pytest.mark.parametrize(
    "text",
    [
        STAGES,
        "#!/usr/bin/env docker\n# check=skip=all;error=true\n# syntax = docker/dockerfile:1\nFROM x\n",
        "FROM x\n# syntax=of what follows\nRUN --mount=type=cache,target=/c cd .. && make --cache=$HOME/..\n",
        'FROM x\nRUN --mount=type=cache,target="/my cache" cd ..\nRUN --mount=type=bind,source=../$X,target=/x true\n',
    ],
)
def test_it_is_taken_as_it_stands(text: str) -> None:
    assert read(text) == dockerfile.Dockerfile("Dockerfile", text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# comment\n", "has no FROM"),
        ("FROM golang AS build\nFROM scratch\nCOPY --from=build /x /x\n", "neither Python nor Node"),
        ("FROM scratch AS empty\nFROM Empty AS last\nFROM last\n", "neither Python nor Node"),
        ("#syntax = evil/frontend\nFROM x\n", "only docker/dockerfile may be its syntax"),
        ("\ufeff# escape=`\n# syntax=docker/dockerfile.evil/x\nFROM x\n", "only docker/dockerfile"),
        ("# any = thing at all\n# v2=x\n\n# syntax=evil/frontend\nFROM x\n", "only docker/dockerfile"),
        ("#!/bin/sh\n# Syntax=evil/frontend\nFROM x\n", "only docker/dockerfile"),
        ("# x\u2028FROM y\n# syntax=evil/frontend\nFROM x\n", "only docker/dockerfile"),
        ("//syntax=evil/frontend\nFROM x\n", "only docker/dockerfile"),
        ('{"syntax": "evil/frontend"}\nFROM x\n', "begins with JSON"),
        ("FROM x\nRUN --mount=TYPE=CACHE,id=../x,target=/c pip\n", "names of a cache"),
        ('FROM x\nRUN --mount=type=cache,id="a /../../x",target=/c pip\n', "names of a cache"),
        ('FROM x\nRUN --mount=type=cache,target=/c,"id=a /../../x\n', "names of a cache"),
        ("FROM x\nRUN --mount=type=cache,id=a\\ b/../../x,target=/c pip\n", "names of a cache"),
        ('FROM x\nRUN --mo"un"\\t=type=cache,id=../x,target=/c pip\n', "names of a cache"),
        ("FROM x\nRUN --mount=type=cache,target=/c,id=.\\\n  # not here\n\n./x pip\n", "names of a cache"),
        ("FROM x\nRUN --mount=type=cache,id=a\x1c/../../x,target=/c pip\n", "names of a cache"),
        ("FROM x\nRUN --mount=type=cache,target=/c,id=a\\\n\x1c#/../../x pip\n", "names of a cache"),
        ("FROM x\nRUN --mount=type=cache,target=/c,id=.\\\n\xa0# not here\n./x pip\n", "names of a cache"),
        ("FROM x\nONBUILD RUN --mount=type=cache,id=../x,target=/c pip\n", "names of a cache"),
        ("FROM x\nRUN --mount=type=cache,id=../orchestrator-pip-wfl-1,target=/c pip\n", "names of a cache"),
        ("FROM x\nRUN --mount=type=cache,id=.\\\n./x,target=/c pip\n", "names of a cache"),
        ("FROM x\nRUN --mount=type=cache,id=.\\./x,target=/c pip\n", "names of a cache"),
        ('FROM x\nRUN --mount=type=ca\\che,"id=${X}/x",target=/c pip\n', "names of a cache"),
    ],
)
def test_what_can_be_no_image_of_ours_or_reaches_beyond_it_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadSource, match=says):
        read(text)


def test_one_that_is_not_there_is_missed() -> None:
    with pytest.raises(BadSource, match=r"jobs/Dockerfile, which is not in the repo"):
        dockerfile.read(FileTree({}, {}), "jobs/Dockerfile")
