"""Paths and expressions from outside end, whatever they are and whatever they are used on."""

import tracemalloc
from typing import Any

import pytest

from simulator.core import matching, seeking
from simulator.core.patterns import pattern
from simulator.core.scenarios import Field

DEEP: Any = 1
for _ in range(20):
    DEEP = [DEEP]


def is_found(path: str, document: Any) -> bool:
    return matching.holds(Field("body", path, "exists", True), document)


@pytest.mark.parametrize(
    ("expression", "text"),
    [("(a+)+$", "a" * 60 + "!"), (".*.*.*.*.*=x", "a" * 20_000), ("(x|x)*y", "x" * 60)],
)
def test_an_expression_takes_no_time(expression: str, text: str) -> None:
    assert not pattern(expression)(text)
    assert not is_found(f"$[?search(@, '{expression}')]", [text])
    assert not is_found(f"$[?match(@, '{expression}')]", [text])


@pytest.mark.parametrize("text", ["(", r"(a)\1", "(?=a)", "(a{1000}){1000}", "a" * 1001, "\ud800"])
def test_what_is_no_such_expression_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"longer than|malformed"):
        pattern(text)
    assert not is_found("$[?search(@, $.wanted)]", {"wanted": text})


def test_an_expression_is_used_on_any_text() -> None:
    assert pattern("^a(?i)CAT")("acat")
    assert pattern("^.b$")("\ud800b")
    assert is_found("$[?match(@, 'c.t')]", ["cat"])
    assert not is_found("$[?match(@, 'c.t')]", ["cats"])
    assert is_found("$[?search(@, 'c.t')]", ["cats"])


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("$" + "..[*]" * 12, DEEP),
        ("$" + "[*,*,*,*,*,*,*,*]" * 8, DEEP),
        ("$..[?@..[?@..[?@..a]]]", [[[0] * 30] * 30] * 30),
        ("$[?@[?@[?@ == 2]]]", [[[1] * 40] * 40] * 40),
        ("$[?1 == 2]", [1] * 30_000),
        ("$[?length(@) == 2]", ["a"] * 30_000),
    ],
)
def test_a_path_looks_at_so_many_values(path: str, document: Any) -> None:
    with pytest.raises(seeking.TooMuch):
        seeking.found(path, document)
    assert not is_found(path, document)
    assert not matching.holds(Field("body", path, "exists", False), document)


def test_a_path_that_was_too_long_leaves_the_next_one_alone() -> None:
    with pytest.raises(seeking.TooMuch):
        seeking.found("$[*]", [1] * (seeking.MOST_VALUES + 1))
    assert len(seeking.found("$[*]", [1] * (seeking.MOST_VALUES - 1))) == seeking.MOST_VALUES - 1


def test_a_path_does_not_remember_where_it_was() -> None:
    document = {"k" * 1_000_000: [0] * 10_000}
    tracemalloc.start()
    try:
        assert len(seeking.found("$..*", document)) == 10_001
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 10_000_000


@pytest.mark.parametrize(
    "path", ["prompt", "$[?@ =~ /(/]", "$.a | $.b", "$[" * 200, "$." + "a" * 1000, "$[?none(@)]"]
)
def test_what_is_no_path_is_said(path: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        seeking.compiled(path)
    assert "\n" not in str(error.value)
