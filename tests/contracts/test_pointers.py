"""JSON pointers and local references."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.pointers import join, lookup, target, tokens, walk_pointer


@given(st.lists(st.text()))
def test_joined_members_come_back_as_tokens(members: list[str]) -> None:
    assert tokens(join("", *members)) == members


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a/b": [{"~": 1}]}), ("/a~1b/0/~0", 1), ("/a~1b", [{"~": 1}])],
)
def test_a_pointer_names_a_value(pointer: str, value: object) -> None:
    assert walk_pointer({"a/b": [{"~": 1}]}, pointer) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/1", "/a/-", "/a/x", "/a/0/b"])
def test_a_pointer_into_nothing_is_a_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError):
        walk_pointer({"a": [1]}, pointer)


def test_a_chain_of_references_is_followed_to_its_end() -> None:
    document = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/c~1d"}, "c/d": {"type": "string"}}
    assert lookup(document, "/a") == ({"type": "string"}, "/c~1d")


def test_members_beside_a_reference_stay_in_force() -> None:
    document = {
        "a": {"$ref": "#/b", "default": 2},
        "b": {"type": "integer", "default": 1},
    }
    assert lookup(document, "/a") == ({"type": "integer", "default": 2}, "/a")


def test_a_circle_of_references_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="circle"):
        lookup({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}, "/a")


def test_a_reference_is_percent_decoded() -> None:
    assert target("#/a%20b") == "/a b"


@pytest.mark.parametrize("reference", ["other.yaml#/a", "https://example.com/a", "#anchor"])
def test_a_reference_out_of_the_document_is_a_lookup_error(reference: str) -> None:
    with pytest.raises(LookupError):
        target(reference)
