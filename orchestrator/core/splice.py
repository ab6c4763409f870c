"""JSON that is passed on as it is, instead of being decoded and encoded again."""

from __future__ import annotations

import json


def splice(object_json: str, **texts: str) -> str:
    """The JSON object with further members, whose values are JSON texts already; the object must not have them.

    A text is copied unread, so it must be one that was written by an encoder: what the store keeps of inputs and results is.
    """
    assert (object_json[0], object_json[-1]) == ("{", "}"), "only an object has members"
    members = [f"{json.dumps(name)}:{text}" for name, text in texts.items()]
    known = object_json[1:-1].strip()
    return f"{{{','.join([known, *members] if known else members)}}}"
