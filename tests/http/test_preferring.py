"""`Prefer` as it may be written, and what it then asks for."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.scenarios import ForcedReply
from simulator.http.preferring import BadPreference, preferred


@pytest.mark.parametrize(
    ("header", "reply", "applied"),
    [
        ("code=404", ForcedReply(404), "code=404"),
        ("Code = 404", ForcedReply(404), "code=404"),
        ('code="404"', ForcedReply(404), "code=404"),
        ("example=a", ForcedReply(example="a"), "example=a"),
        ("code=404, example=a", ForcedReply(404, example="a"), "code=404, example=a"),
        ("code=404; example=a", ForcedReply(404, example="a"), "code=404, example=a"),
        ("wait=10, code=404, code=405", ForcedReply(404), "code=404"),
        ("dynamic=true", ForcedReply(is_made=True), "dynamic=true"),
        ('example="a, b"', ForcedReply(example="a, b"), "example=a, b"),
    ],
)
def test_a_reply_is_asked_for(header: str, reply: ForcedReply, applied: str) -> None:
    assert preferred(header) == (reply, applied)


@pytest.mark.parametrize(
    "header", ["", "wait=10", "return=minimal", ",;,", "codes=404", "example="]
)
def test_no_reply_is_asked_for(header: str) -> None:
    assert preferred(header) is None


@pytest.mark.parametrize("header", ["code=", "code=99", "code=600", "code=4xx", "code", "code=4.4"])
def test_what_is_no_status_is_told(header: str) -> None:
    with pytest.raises(BadPreference, match="a status from 200 to 599"):
        preferred(header)


@given(st.text())
def test_any_text_is_read_or_refused(header: str) -> None:
    with suppress(BadPreference):
        preferred(header)
