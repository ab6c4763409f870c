"""What a task may say about the places it reaches."""

from __future__ import annotations

import pytest

from orchestrator.core.container.network import (
    EVERYWHERE,
    NOWHERE,
    in_words,
    names_in,
    read_places,
    read_reach,
    read_words,
)


@pytest.mark.parametrize(
    ("said", "reach"),
    [
        (None, EVERYWHERE),
        ("internet", EVERYWHERE),
        ("none", NOWHERE),
        ([], NOWHERE),
        (["API.example.com", "10.1.2.3/16", "10.1.0.0/16"], ("10.1.0.0/16", "api.example.com")),
        (["internet", "192.168.7.1"], EVERYWHERE),
    ],
)
def test_it_is_everything_nothing_or_a_list(said: object, reach: tuple[str, ...]) -> None:
    assert read_reach(said) == reach


@pytest.mark.parametrize(
    "said",
    ["all", 7, ["-x"], [7], ["a b"], ["1.2.3.400"], ["fd00::1"], ["10.0.0.0/99"], ["a\nb"], ["x;y"], ["a" * 300]],
)
def test_what_is_no_place_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match=r"name|it must be"):
        read_reach(said)


def test_a_list_is_not_endless() -> None:
    with pytest.raises(ValueError, match="33 places"):
        read_reach([f"10.0.{number}.0/24" for number in range(33)])


def test_the_operator_s_list_has_commas() -> None:
    assert read_places("db.lan, 10.0.0.0/8,") == ("10.0.0.0/8", "db.lan")


def test_names_are_what_dns_is_asked_for() -> None:
    assert names_in(("internet", "10.0.0.0/8", "db.lan")) == ["db.lan"]


def test_nothing_has_a_word() -> None:
    assert (in_words(NOWHERE), in_words(EVERYWHERE)) == ("none", "internet")


@pytest.mark.parametrize("reach", [EVERYWHERE, NOWHERE, ("10.1.0.0/16", "db.lan")])
def test_words_mean_what_was_put_into_them(reach: tuple[str, ...]) -> None:
    assert read_words(in_words(reach)) == reach


@pytest.mark.parametrize("text", ["", " , ", ",".join(f"h{number}" for number in range(33))])
def test_words_without_a_place_or_with_too_many_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"it must be|are the most"):
        read_words(text)


@pytest.mark.parametrize(("text", "meant"), [("non", "none"), ("internt", "internet"), ("internet,nome", "none")])
def test_a_slip_is_not_taken_for_the_only_host_to_reach(text: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"slip of '{meant}': write that, or"):
        read_words(text)


@pytest.mark.parametrize("text", ["moon", "non.", "internet.example"])
def test_a_host_whose_name_is_like_a_word_has_a_dot(text: str) -> None:
    assert read_words(text) == (text,)
