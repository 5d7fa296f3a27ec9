"""Overlays: what an action does, and which actions are refused."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import ContractError
from contracts.overlay import apply, merged

Json = Any
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), JSON)


def changed(document: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    return apply(document, {"overlay": "1.0.0", "actions": list(actions)}, "live.yaml")


@given(OBJECTS, OBJECTS)
def test_an_update_of_the_root_is_a_merge(document: dict[str, Any], update: dict[str, Any]) -> None:
    assert changed(document, {"target": "$", "update": update}) == merged(document, update)


@given(OBJECTS, OBJECTS)
def test_the_document_given_stays_as_it_was(
    document: dict[str, Any], update: dict[str, Any]
) -> None:
    before, update_before = copy.deepcopy(document), copy.deepcopy(update)
    result = changed(document, {"target": "$", "update": update})
    result.clear()
    assert (document, update) == (before, update_before)


@given(JSON)
def test_merging_nothing_changes_nothing(document: Json) -> None:
    assert merged(document, {} if isinstance(document, dict) else copy.copy(document)) == (
        [*document, *document] if isinstance(document, list) else document
    )


@given(OBJECTS, OBJECTS)
def test_a_merge_keeps_what_the_update_does_not_name(
    document: dict[str, Any], update: dict[str, Any]
) -> None:
    result = merged(document, update)
    assert {key: result[key] for key in document.keys() - update.keys()} == {
        key: document[key] for key in document.keys() - update.keys()
    }
    assert result.keys() == document.keys() | update.keys()


@given(OBJECTS, OBJECTS, OBJECTS)
def test_merges_in_a_row_equal_their_merge(
    document: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    one = {"target": "$", "update": first}
    two = {"target": "$", "update": second}
    assert changed(document, one, two) == merged(merged(document, first), second)


@given(st.lists(st.integers()), JSON)
def test_an_update_of_an_array_becomes_its_last_item(items: list[int], update: Json) -> None:
    document = {"list": items}
    assert changed(document, {"target": "$.list", "update": update}) == {"list": [*items, update]}


@given(st.lists(st.integers(0, 3), min_size=1), st.integers(0, 3))
def test_every_selected_item_is_removed(items: list[int], unwanted: int) -> None:
    document = {"list": [*items, unwanted]}
    action = {"target": f"$.list[?@ == {unwanted}]", "remove": True}
    assert changed(document, action) == {"list": [item for item in items if item != unwanted]}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            {"target": "$.paths['/a'].post", "update": {"x-check-order": ["body"]}},
            {"paths": {"/a": {"post": {"tags": ["t"], "x-check-order": ["body"]}}}},
        ),
        (
            {"target": "$.paths['/a'].post", "update": {"tags": ["u"]}},
            {"paths": {"/a": {"post": {"tags": ["t", "u"]}}}},
        ),
        (
            {"target": "$.paths.*.*", "update": {"deprecated": True}},
            {"paths": {"/a": {"post": {"tags": ["t"], "deprecated": True}}}},
        ),
        (
            {"target": "$.paths['/a'].post.tags[0]", "remove": True},
            {"paths": {"/a": {"post": {"tags": []}}}},
        ),
        ({"target": "$.paths['/a']", "remove": True, "update": {"get": {}}}, {"paths": {}}),
    ],
)
def test_an_action_changes_what_its_target_selects(
    action: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert changed({"paths": {"/a": {"post": {"tags": ["t"]}}}}, action) == expected


def test_actions_see_what_those_before_them_did() -> None:
    removal = {"target": "$.required", "remove": True}
    update = {"target": "$", "update": {"required": ["b"]}}
    assert changed({"required": ["a"]}, removal, update) == {"required": ["b"]}


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"target": "$.b", "update": {}}, "target selects nothing: $.b"),
        ({"target": "$.b", "remove": True}, "target selects nothing: $.b"),
        ({"target": "$.a", "update": {}}, "neither an object nor an array"),
        ({"target": "$", "update": 1}, "the update of an object must be an object"),
        ({"target": "$", "remove": True}, "the whole document"),
        ({"target": "$.a"}, "an action needs update or remove"),
        ({"update": {}}, "an action needs a target"),
        ({"target": "$.[", "update": {}}, ""),
        ("remove", "an action needs a target"),
    ],
)
def test_an_action_that_makes_no_sense_is_refused_by_number(action: Any, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        changed({"a": 1}, {"target": "$", "update": {}}, action)
    assert caught.value.pointer == "/actions/1"
    assert str(caught.value).startswith("live.yaml#/actions/1: action 2: ")
    assert words in caught.value.message


@pytest.mark.parametrize("overlay", [{}, {"actions": []}, {"actions": "none"}])
def test_an_overlay_without_actions_is_refused(overlay: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="needs a list of actions"):
        apply({}, overlay, "live.yaml")
