"""JSON text: what is read, what is refused, and that nothing changes on the way."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.core.jsontext import DEEPEST, NotJson, dumps, dumps_sorted, loads

WHOLE = st.integers(-(2**63), 2**64 - 1)
FRACTIONS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(), max_size=8)
SURROGATES = st.characters(categories=["Cs"])
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | FRACTIONS | TEXTS | SURROGATES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | SURROGATES, inner),
    max_leaves=20,
)


def nested(depth: int, inside: bytes = b"") -> bytes:
    return b"[" * depth + inside + b"]" * depth


@given(VALUES)
@example(["\ud800", {"\udfff": -0.0}])
def test_what_is_written_is_read_back(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(VALUES)
def test_reading_agrees_with_the_standard_library(value: Any) -> None:
    text = json.dumps(value).encode()
    assert loads(text) == json.loads(text)


@given(VALUES)
def test_every_text_that_is_written_is_utf_8(value: Any) -> None:
    assert dumps(value).decode("utf-8")


@given(st.binary(max_size=40))
def test_no_bytes_break_the_reader(text: bytes) -> None:
    try:
        loads(text)
    except NotJson:
        return


@given(st.dictionaries(TEXTS | SURROGATES, WHOLE), st.randoms())
def test_equal_objects_have_equal_sorted_text(value: dict[str, int], chance: Any) -> None:
    shuffled = list(value.items())
    chance.shuffle(shuffled)
    assert dumps_sorted(dict(shuffled)) == dumps_sorted(value)


def test_of_duplicate_keys_the_last_wins() -> None:
    assert loads(b'{"a": 1, "b": 2, "a": 3}') == {"a": 3, "b": 2}


def test_of_duplicate_keys_beside_a_lone_surrogate_the_last_wins() -> None:
    assert loads(b'{"a": "\\ud800", "a": 3}') == {"a": 3}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"NaN",
        b"[NaN]",
        b"Infinity",
        b'{"a": -Infinity}',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"{'a': 1}",
        b'{"a": 1,}',
        b"[1, 2",
        b"01",
        b"+1",
        b".5",
        b"1.",
        b'"\n"',
        b'"\\x41"',
        b"\xef\xbb\xbf{}",
        b"1e400",
        b"9" * 400,
        b"{} {}",
        b"// {}",
    ],
)
@pytest.mark.parametrize("around", [b"%s", b'["\\ud800", %s]'])
def test_what_is_no_json_is_refused(text: bytes, around: bytes) -> None:
    """The same beside a lone surrogate, which is read another way."""
    with pytest.raises(NotJson):
        loads(around % text)


@pytest.mark.parametrize("inside", [b"", b'"\\ud800"'])
def test_nesting_is_read_down_to_the_bound_and_not_below(inside: bytes) -> None:
    assert dumps(loads(nested(DEEPEST, inside))) == nested(DEEPEST, inside)
    with pytest.raises(NotJson, match="nested"):
        loads(nested(DEEPEST + 1, inside))


@pytest.mark.parametrize("depth", [1100, 5000, 100_000])
@pytest.mark.parametrize("inside", [b"", b'"\\ud800"'])
def test_nesting_far_below_the_bound_is_refused_too(depth: int, inside: bytes) -> None:
    with pytest.raises(NotJson):
        loads(nested(depth, inside))


def test_brackets_in_a_string_are_no_nesting() -> None:
    assert loads(b'"' + b"[" * 2000 + b'"') == "[" * 2000


def test_many_shallow_arrays_are_not_deep() -> None:
    assert len(loads(b"[" + b"[]," * 2000 + b"[]]")) == 2001


def test_a_lone_surrogate_is_text_and_written_back_as_an_escape() -> None:
    assert loads(b'"a\\ud800b"') == "a\ud800b"
    assert dumps({"prompt": "a\ud800b"}) == b'{"prompt":"a\\ud800b"}'


def test_a_pair_of_surrogate_escapes_is_one_character() -> None:
    assert loads(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize("around", [b"[%s]", b'[%s, "\\ud800"]'])
def test_an_integer_of_64_bits_is_exact(around: bytes) -> None:
    assert loads(around % b"18446744073709551615")[0] == 2**64 - 1
    assert loads(around % b"-9223372036854775808")[0] == -(2**63)


@pytest.mark.parametrize("around", [b"[%s]", b'[%s, "\\ud800"]'])
def test_a_larger_integer_is_the_nearest_float(around: bytes) -> None:
    number = loads(around % b"123456789012345678901234567890")[0]
    assert isinstance(number, float)
    assert math.isclose(number, 1.2345678901234568e29)


def test_keys_keep_their_order() -> None:
    assert dumps(loads(b'{"b": 1, "a": 2}')) == b'{"b":1,"a":2}'


def test_sorted_text_has_its_keys_in_order_at_every_depth() -> None:
    assert dumps_sorted({"b": {"d": 1, "c": "\ud800"}, "a": 2}) == (
        b'{"a":2,"b":{"c":"\\ud800","d":1}}'
    )
