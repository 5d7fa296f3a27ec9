"""YAML is read as JSON would read it."""

import math

import pytest

from contracts.errors import ContractError
from contracts.source import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("True", "True"),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("16:9", "16:9"),
        (".inf", ".inf"),
        ("=", "="),
        ("'200'", "200"),
        ('"null"', "null"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("!!str 5", "5"),
    ],
)
def test_a_scalar_is_what_json_would_make_of_it(text: str, value: object) -> None:
    read = parse(f"key: {text}", "a.yaml")["key"]
    assert read == value
    assert type(read) is type(value)


def test_keys_are_text() -> None:
    assert parse("200: a\ntrue: b\nnull: c", "a.yaml") == {"200": "a", "true": "b", "null": "c"}


def test_an_anchor_is_repeated_where_its_alias_stands() -> None:
    assert parse("a: &x {b: [1]}\nc: *x", "a.yaml") == {"a": {"b": [1]}, "c": {"b": [1]}}


@pytest.mark.parametrize(
    ("text", "pointer", "words"),
    [
        ("a: [", "", "no YAML"),
        ("- a", "", "no object"),
        ("", "", "no object"),
        ("a:\n  b/c: 1\n  b/c: 2", "/a/b~1c", "the same key twice (line 3)"),
        ("a: &x [*x]", "/a/0", "inside its own anchor"),
        ("a: !!binary aGk=", "/a", "a YAML tag that JSON does not have"),
        ("a: !!int many", "/a", "invalid literal"),
        ("? [1]\n: 2", "", "a key that is no text"),
    ],
)
def test_a_broken_text_is_refused_with_its_place(text: str, pointer: str, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse(text, "a.yaml")
    assert caught.value.pointer == pointer
    assert str(caught.value).startswith(f"a.yaml#{pointer}: ")
    assert words in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_large_exponent_stays_a_number() -> None:
    assert math.isinf(parse("a: 1e999", "a.yaml")["a"])
