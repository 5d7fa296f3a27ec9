"""The headers that explain a refusal: always headers, never too long, never a lie."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from simulator.core.errors import Violation
from simulator.http.diagnosis import diagnostic_headers

ANY_TEXT = st.text(st.characters(), max_size=300)
PATHS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80)
VIOLATIONS = st.builds(Violation, st.just("body"), ANY_TEXT, st.just("type"), ANY_TEXT)
SAFE = re.compile(rb"[\x20-\x7e]*")


@given(st.lists(VIOLATIONS, max_size=130), st.lists(PATHS, max_size=3))
def test_headers_are_printable_ascii_and_short(
    violations: list[Violation], closest: list[str]
) -> None:
    for name, value in diagnostic_headers(violations, closest):
        assert SAFE.fullmatch(name)
        assert SAFE.fullmatch(value)
        assert len(value) <= 4096


@given(st.lists(VIOLATIONS, min_size=1, max_size=130))
def test_no_violation_is_lost_without_a_word(violations: list[Violation]) -> None:
    ((_, value),) = diagnostic_headers(violations, [])
    items = json.loads(value)
    more = items.pop()["more"] if "more" in items[-1] else 0
    assert len(items) + more == len(violations)
    for item, violation in zip(items, violations, strict=False):
        assert (item["location"], item["pointer"], item["message"]) == (
            "body",
            violation.pointer[:200],
            violation.message[:200],
        )


def test_every_character_of_a_message_can_stand_in_a_header() -> None:
    text = "".join(map(chr, range(256))) + "\u2603\ud800\N{GRINNING FACE}"
    for start in range(0, len(text), 100):
        part = text[start : start + 100]
        ((_, value),) = diagnostic_headers([Violation("body", part, "type", part)], [])
        assert SAFE.fullmatch(value)
        assert json.loads(value)[0]["message"] == part


def test_what_does_not_fit_is_counted() -> None:
    violations = [Violation("body", f"/{number}", "type", "x" * 200) for number in range(130)]
    ((_, value),) = diagnostic_headers(violations, [])
    *items, last = json.loads(value)
    assert 0 < len(items) < 100
    assert len(items) + last["more"] == 130


def test_a_few_violations_are_compact_json() -> None:
    headers = diagnostic_headers([Violation("query", "/limit", "type", "no integer")], [])
    assert headers == [
        (
            b"understudy-violations",
            b'[{"location":"query","pointer":"/limit","message":"no integer"}]',
        )
    ]


def test_closest_operations_are_a_list() -> None:
    assert diagnostic_headers([], ["GET /a", "POST /b"]) == [
        (b"understudy-closest", b"GET /a, POST /b")
    ]


def test_nothing_to_explain_is_no_header() -> None:
    assert diagnostic_headers([], []) == []
