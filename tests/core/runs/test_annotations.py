from __future__ import annotations

from orchestrator.core.runs.annotations import NOTHING_SAID, Annotations, Progress, with_said

DONE = Progress(1.0, "done", 0, 5)


def test_what_is_said_is_added_to_what_is_known() -> None:
    known = Annotations(("a",), {"x": 1, "y": 2})
    said, refused = with_said(known, ["b", "a"], {"y": 3, "z": {"deep": [1]}}, DONE)
    assert said == Annotations(("a", "b"), {"x": 1, "y": 3, "z": {"deep": [1]}}, DONE)
    assert refused == []


def test_none_takes_a_key_away() -> None:
    assert with_said(Annotations((), {"x": 1}), [], {"x": None, "y": None}, None)[0].metadata == {}


def test_progress_stays_until_there_is_other() -> None:
    assert with_said(Annotations(progress=DONE), ["a"], {}, None)[0].progress is DONE


def test_what_is_too_much_is_refused_and_the_rest_is_kept() -> None:
    known = Annotations(tuple(str(number) for number in range(9)))
    said, refused = with_said(known, ["\n", "fits", "one too many"], {"a": "x" * 5000, "b": 1}, None)
    assert said.tags[-1] == "fits"
    assert said.metadata == {"b": 1}
    assert [reason.split(",")[0] for reason in refused] == [
        "a tag is 1 to 64 printable characters",
        "a run has at most 10 tags",
        "metadata is at most 4",
    ]


def test_progress_of_an_earlier_attempt_is_none_of_the_new_one() -> None:
    assert Annotations(progress=DONE).progress_of(0) is DONE
    assert Annotations(progress=DONE).progress_of(1) is None
    assert NOTHING_SAID.progress_of(0) is None
