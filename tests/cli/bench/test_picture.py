from __future__ import annotations

from xml.etree import ElementTree

import pytest

from orchestrator.cli.bench.picture import WIDTH_PX, picture
from orchestrator.cli.bench.samples import Report, Series

SVG = "{http://www.w3.org/2000/svg}"
REPORT = Report(
    (
        Series("docker run --rm", "ms", (400, 410, 900)),
        Series("ours, <warm>", "ms", (10, 12, 30)),
        Series("sustained", "/s", (9,)),
    ),
    {},
    {},
)


def test_every_latency_has_a_bar_and_its_numbers_and_nothing_else_has() -> None:
    root = ElementTree.fromstring(picture(REPORT))
    texts = [element.text for element in root.iter(f"{SVG}text")][1:]
    assert texts == ["docker run --rm", "410 ms, p99 890", "ours, <warm>", "12 ms, p99 30"]


def test_the_longer_it_takes_the_longer_is_the_bar_and_all_stay_in_the_picture() -> None:
    root = ElementTree.fromstring(picture(REPORT))
    slow, fast = (float(element.attrib["width"]) for element in list(root.iter(f"{SVG}rect"))[1:])
    assert 0 < fast < slow
    assert all(float(element.attrib["x2"]) < WIDTH_PX for element in root.iter(f"{SVG}line"))


def test_without_a_latency_there_is_no_picture() -> None:
    with pytest.raises(ValueError, match="milliseconds"):
        picture(Report((), {}, {}))
