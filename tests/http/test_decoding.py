"""Query text to values, in both ways of coercion."""

import math
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.http.decoding import decoded_query, query_as_body, query_pairs, reader_of
from tests.toy import contract

OPENAPI = contract().operation("listMakes")
JAVASCRIPT = contract().operation("javascript")
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=10))
def test_what_was_encoded_is_decoded(pairs: list[tuple[str, str]]) -> None:
    assert query_pairs(urlencode(pairs).encode()) == pairs


@given(st.binary(max_size=50))
def test_no_bytes_break_the_query(query: bytes) -> None:
    assert all(isinstance(name, str) for name, _ in query_pairs(query))


@given(st.from_regex(rb"\w+=[\w.-]*", fullmatch=True))
def test_a_plain_pair_is_read_as_any_other(query: bytes) -> None:
    assert query_pairs(query) == query_pairs(query + b"&z=1")[:1]


def test_raw_utf_8_is_text() -> None:
    assert query_pairs("name=café".encode()) == [("name", "café")]


def test_invalid_utf_8_is_replaced() -> None:
    assert query_pairs(b"name=%ff&name=\xff") == [("name", "\ufffd")] * 2


def test_a_query_of_too_many_fields_is_empty() -> None:
    assert query_pairs(b"a=1&" * 2000) == []


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("limit=5", {"limit": 5}),
        ("limit=-5", {"limit": -5}),
        ("limit=5.0", {"limit": "5.0"}),
        ("limit=5e1", {"limit": "5e1"}),
        ("limit=", {"limit": ""}),
        ("limit= 5", {"limit": " 5"}),
        ("limit=٣", {"limit": "٣"}),
        ("limit=" + "9" * 30, {"limit": "9" * 30}),
        ("only=true&limit=1", {"limit": 1, "only": True}),
        ("only=false", {"only": False}),
        ("only=True", {"only": "True"}),
        ("only=1", {"only": "1"}),
        ("ratio=1.5", {"ratio": 1.5}),
        ("ratio=-1e3", {"ratio": -1000.0}),
        ("ratio=.5", {"ratio": ".5"}),
        ("ratio=NaN", {"ratio": "NaN"}),
        ("ratio=1e999", {"ratio": "1e999"}),
        ("ratio=٣", {"ratio": "٣"}),
        ("name=5", {"name": "5"}),
        ("word=a&word=b", {"word": ["a", "b"]}),
        ("limit=1&limit=2", {"limit": 1}),
        ("nothing=1", {}),
        ("", {}),
    ],
)
def test_openapi_takes_what_is_written_exactly_as_json_writes_it(
    query: str, values: dict[str, Any]
) -> None:
    assert decoded_query(reader_of(OPENAPI), query_pairs(query.encode())) == values


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("number=5", 5),
        ("number=5.0", 5),
        ("number=1.5", 1.5),
        ("number=.5", 0.5),
        ("number=5.", 5),
        ("number=%2B5", 5),
        ("number=-5e1", -50),
        ("number=", 0),
        ("number=%20%0A", 0),
        ("number=%205%20", 5),
        ("number=%EF%BB%BF5", 5),
        ("number=0x1F", 31),
        ("number=0b11", 3),
        ("number=0o17", 15),
        ("number=0x" + "F" * 400, "0x" + "F" * 400),
        ("number=1e999", "1e999"),
        ("number=five", "five"),
        ("number=5px", "5px"),
        ("number=1_000", "1_000"),
        ("number=٣", "٣"),
        ("integer=5.5", 5.5),
        ("boolean=true", True),
        ("boolean=false", False),
        ("boolean=TRUE", "TRUE"),
        ("boolean=1", "1"),
        ("text=5", "5"),
        ("text=", ""),
    ],
)
def test_javascript_takes_a_number_as_number_would(query: str, value: Any) -> None:
    name = query.partition("=")[0]
    decoded = decoded_query(reader_of(JAVASCRIPT), query_pairs(query.encode()))
    assert decoded == {name: value}
    assert type(decoded[name]) is type(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_javascript_reads_every_number_that_it_writes(number: float) -> None:
    query = urlencode({"number": repr(number)})
    decoded = decoded_query(reader_of(JAVASCRIPT), query_pairs(query.encode()))
    assert math.isclose(decoded["number"], number)


@given(TEXT)
def test_no_text_breaks_coercion(text: str) -> None:
    pairs = query_pairs(urlencode({"number": text, "limit": text, "ratio": text}).encode())
    for operation in (OPENAPI, JAVASCRIPT):
        for value in decoded_query(reader_of(operation), pairs).values():
            assert value == text or math.isfinite(value)


SCHEMA = {"properties": {"prompt": {"type": "string"}, "count": {"type": "integer"}}}


def test_query_parameters_named_like_body_fields_become_body_fields() -> None:
    pairs = [("prompt", "a"), ("count", "2"), ("other", "x")]
    assert query_as_body(SCHEMA, pairs, {}) == {"prompt": "a", "count": 2}


def test_the_body_wins_over_the_query() -> None:
    assert query_as_body(SCHEMA, [("prompt", "a")], {"prompt": "b"}) == {"prompt": "b"}


@pytest.mark.parametrize("body", [[1], "text", None, 5])
def test_a_body_that_is_no_object_stays_as_it_is(body: Any) -> None:
    assert query_as_body(SCHEMA, [("prompt", "a")], body) == body
