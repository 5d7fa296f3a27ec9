"""Violations: all of them, in the contract's own order, with what was expected and found."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.errors import MISSING, Violation
from simulator.http.validation import Judge, OperationJudge, Schemas
from tests.toy import contract

CONTRACT = contract()


def judge(operation_id: str = "createMake") -> Judge:
    made = OperationJudge(Schemas(CONTRACT, {}), CONTRACT.operation(operation_id)).body
    assert made is not None
    return made


BODY = judge()


def violations(value: Any) -> list[tuple[str, str]]:
    return [(item.pointer, item.keyword) for item in BODY.violations(value, "body")]


def only(value: Any) -> Violation:
    (violation,) = BODY.violations(value, "body")
    return violation


def test_a_valid_value_has_no_violations() -> None:
    assert violations({"prompt": "a", "parts": [{"colour": "red", "size": 1}]}) == []


def test_violations_stand_in_the_order_of_the_schema_and_not_of_the_value() -> None:
    value = {
        "zebra": 1,
        "input": {"kind": "picture", "width": "w"},
        "parts": [{"size": "s"}, 5],
        "count": 0,
        "title": "much too long",
    }
    assert violations(value) == [
        ("/title", "maxLength"),
        ("/prompt", "required"),
        ("/count", "minimum"),
        ("/parts/0/colour", "required"),
        ("/parts/0/size", "type"),
        ("/parts/1", "type"),
        ("/input/url", "required"),
        ("/input/width", "type"),
        ("/zebra", "additionalProperties"),
    ]


@given(st.permutations(["title", "prompt", "count", "parts", "input"]))
def test_the_order_of_members_does_not_matter(names: list[str]) -> None:
    bad: dict[str, Any] = {"title": 1, "prompt": 1, "count": "1", "parts": 1, "input": 1}
    assert [pointer for pointer, _ in violations({name: bad[name] for name in names})] == [
        "/title",
        "/prompt",
        "/count",
        "/parts",
        "/input",
    ]


def test_items_of_an_array_stand_in_their_order() -> None:
    parts = [{"colour": "red", "size": 1}] * 1 + [{"colour": "green", "size": 1}] * 11
    pointers = [pointer for pointer, _ in violations({"prompt": "a", "parts": parts})]
    assert pointers == ["/parts"] + [f"/parts/{index}/colour" for index in range(1, 12)]


def test_a_missing_property_is_named_and_not_null() -> None:
    violation = only({})
    assert (violation.pointer, violation.keyword) == ("/prompt", "required")
    assert violation.got is MISSING


def test_every_unexpected_property_is_a_violation_of_its_own() -> None:
    found = BODY.violations({"prompt": "a", "x": 1, "y/~": 2}, "body")
    assert [(item.pointer, item.got) for item in found] == [("/x", 1), ("/y~1~0", 2)]
    assert found[1].path == ("y/~",)


def test_a_violation_tells_what_was_expected_and_what_was_found() -> None:
    violation = only({"prompt": "a", "parts": [{"colour": "green", "size": 1}]})
    assert (violation.expected, violation.got) == (["red", "blue"], "green")
    assert violation.location == "body"


def test_a_value_of_the_wrong_type_at_the_top_has_an_empty_pointer() -> None:
    assert violations([1]) == [("", "type")]
    assert violations(None) == [("", "type")]


def test_the_tag_of_a_union_selects_the_branch_that_is_judged() -> None:
    assert violations({"prompt": "a", "input": {"kind": "words"}}) == [("/input/words", "required")]
    assert violations({"prompt": "a", "input": {"kind": "picture", "url": "x y"}}) == [
        ("/input/url", "format")
    ]


@pytest.mark.parametrize(("given_input", "got"), [({"kind": "song"}, "song"), ({}, MISSING)])
def test_a_tag_that_no_branch_has_is_the_violation(given_input: Any, got: Any) -> None:
    violation = only({"prompt": "a", "input": given_input})
    assert (violation.pointer, violation.keyword) == ("/input/kind", "discriminator")
    assert (violation.expected, violation.got) == (["words", "picture"], got)


def test_a_union_that_is_no_object_is_of_the_wrong_type() -> None:
    violation = only({"prompt": "a", "input": "words"})
    assert (violation.pointer, violation.keyword) == ("/input", "type")


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud800" * 50])
def test_a_lone_surrogate_is_a_character_like_any_other(text: str) -> None:
    assert violations({"prompt": text}) == []
    assert violations({"prompt": text, "count": 9}) == [("/count", "maximum")]
    assert violations({"prompt": "\ud800" * 101}) == [("/prompt", "maxLength")]


def test_a_lone_surrogate_may_stand_in_a_name() -> None:
    assert violations({"prompt": "a", "\ud800": 1})[0][1] == "additionalProperties"
    assert violations({"prompt": "a", "anything": {"\ud800": 1}}) == []


@pytest.mark.parametrize("depth", [100, 250, 300, 511])
def test_a_value_nested_as_deep_as_bodies_may_be_is_judged(depth: int) -> None:
    deep: Any = 1
    for number in range(depth):
        deep = [deep] if number % 2 else {"a": deep}
    assert violations({"prompt": "a", "anything": deep}) == []
    assert violations({"prompt": "a", "anything": deep, "count": 9}) == [("/count", "maximum")]


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**65), 10**400, 1e308])
def test_a_huge_number_is_judged(number: float) -> None:
    assert violations({"prompt": "a", "anything": number}) == []
    assert violations({"prompt": "a", "count": number})[0][0] == "/count"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["prompt", "count", "parts", "input", "kind", "size", "²", "0"]), inner
        )
    ),
    max_leaves=15,
)


@given(ANYTHING)
def test_a_value_is_valid_exactly_when_it_has_no_violations(value: Any) -> None:
    """Whatever the value, each violation points at a place and says something."""
    found = BODY.violations(value, "body")
    try:
        assert BODY.is_valid(value) is not bool(found)
    except UnicodeEncodeError:
        return
    assert all(item.message and item.pointer[:1] in ("", "/") for item in found)


def test_query_and_path_are_judged_by_their_parameters() -> None:
    operation = CONTRACT.operation("listMakes")
    query = OperationJudge(Schemas(CONTRACT, {}), operation).query
    assert query is not None
    found = query.violations({"limit": 0, "only": "x"}, "query")
    assert [(item.location, item.pointer) for item in found] == [
        ("query", "/limit"),
        ("query", "/only"),
    ]


def test_a_format_of_the_providers_own_is_checked() -> None:
    schemas = Schemas(CONTRACT, {"uri": lambda text: text == "toy:"})
    body = OperationJudge(schemas, CONTRACT.operation("createMake")).body
    assert body is not None
    good = {"prompt": "a", "input": {"kind": "picture", "url": "toy:"}}
    assert body.violations(good, "body") == ()
    bad = {"prompt": "a", "input": {"kind": "picture", "url": "http://a.test/"}}
    assert [item.keyword for item in body.violations(bad, "body")] == ["format"]
