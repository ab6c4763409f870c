from __future__ import annotations

import pickle

from orchestrator.api.requests.refused import bad_request, too_large


def test_a_refusal_of_what_is_too_large_names_both_sizes() -> None:
    assert str(too_large("the body", 5_242_880, 4_194_304)) == (
        "the body has 5,242,880 bytes, more than the limit of 4,194,304 bytes (4 MiB)"
    )
    assert "is larger than the limit" in str(too_large("the body", None, 1))


def test_a_refusal_by_another_process_is_the_same_here() -> None:
    refused = bad_request("no", "invalid_json")
    copied = pickle.loads(pickle.dumps(refused))
    assert (copied.status, copied.code, str(copied)) == (refused.status, "invalid_json", "no")
