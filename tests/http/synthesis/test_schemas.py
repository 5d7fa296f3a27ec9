"""What is generated meets its schema, whatever the schema says that a generator can see."""

import re
import subprocess
import sys
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.http.synthesis.merging import Impossible, merged
from simulator.http.synthesis.regexes import Unsupported, text_maker
from simulator.http.synthesis.schemas import Compiler

NODE = {
    "type": "object",
    "required": ["value"],
    "properties": {
        "value": {"type": "integer"},
        "next": {"$ref": "#/node"},
        "children": {"type": "array", "items": {"$ref": "#/node"}},
    },
}
TREE = {
    "type": "object",
    "required": ["child"],
    "properties": {"child": {"oneOf": [{"$ref": "#/tree"}, {"type": "string"}]}},
}
DOCUMENT: dict[str, Any] = {"node": NODE, "tree": TREE}


def made(schema: Any, seed: int = 0, name: str = "") -> Any:
    return Compiler(DOCUMENT).schema(schema, name)(Random(seed), 0)


def is_valid(schema: Any, value: Any) -> bool:
    judge = jsonschema_rs.Draft202012Validator(
        {**DOCUMENT, "allOf": [schema]}, validate_formats=True
    )
    return judge.is_valid(value)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"const": {"a": 1}},
        {"enum": ["a", "b", None]},
        {"type": "null"},
        {"type": "boolean"},
        {"type": ["string", "null"], "format": "date-time"},
        {"type": "integer", "minimum": 4096, "maximum": 4097},
        {"type": "integer", "maximum": -5},
        {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
        {"type": "integer", "multipleOf": 8, "minimum": 250, "maximum": 260},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
        {"type": "number", "multipleOf": 0.5},
        {"type": "number", "minimum": 1e9},
        {"type": "string", "minLength": 40, "maxLength": 44},
        {"type": "string", "maxLength": 3},
        {"type": "string", "pattern": "^vid_[a-z0-9]+$"},
        {"type": "string", "pattern": "^run_", "minLength": 20},
        {"type": "string", "pattern": r"^\d{3}-(ab|cd)?[^x]\w*$"},
        {"type": "string", "format": "uuid", "pattern": "^[0-9a-f-]{36}$"},
        *({"type": "string", "format": kind} for kind in ("date", "time", "email", "uri", "ipv6")),
        {"type": "array", "items": {"type": "integer"}, "minItems": 5, "maxItems": 5},
        {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 2},
        {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False},
        {"type": "array", "maxItems": 0},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
        {"type": "object", "required": ["a"], "additionalProperties": {"type": "integer"}},
        {"type": "object", "properties": {"a": False, "b": {"const": 1}}, "required": ["b"]},
        {"type": "object", "properties": {"a": {"not": {}}}},
        {"properties": {"a": {"type": "integer"}}, "required": ["a"], "type": "object"},
        {"allOf": [{"type": "integer", "minimum": 3}, {"type": "number", "maximum": 3}]},
        {"allOf": [{"enum": [1, 2, 3]}, {"enum": [2, 3, 4]}]},
        {
            "allOf": [
                {"type": "object", "properties": {"a": {"minimum": 5}}, "required": ["a"]},
                {"type": "object", "properties": {"a": {"type": "integer", "maximum": 6}}},
            ]
        },
        {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"},
        {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            "additionalProperties": False,
        },
        {"$ref": "#/node"},
        {"$ref": "#/tree"},
        {"$ref": "#/node", "required": ["next"]},
        {"type": "string", "example": "only this"},
        {"type": "integer", "default": 7},
    ],
)
def test_a_made_value_meets_its_schema(schema: Any) -> None:
    values = [made(schema, seed) for seed in range(200)]
    assert [value for value in values if not is_valid(schema, value)] == []


SCALARS = st.one_of(
    st.builds(
        lambda low, span: {"type": "integer", "minimum": low, "maximum": low + span},
        st.integers(-(10**6), 10**6),
        st.integers(0, 50),
    ),
    st.builds(
        lambda low, span: {"type": "string", "minLength": low, "maxLength": low + span},
        st.integers(0, 60),
        st.integers(0, 60),
    ),
    st.builds(lambda values: {"enum": values}, st.lists(st.integers(), min_size=1)),
    st.just({"type": "boolean"}),
    st.just({"type": ["number", "null"]}),
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(
            lambda members, required: {
                "type": "object",
                "properties": members,
                "required": sorted(required & members.keys()),
            },
            st.dictionaries(st.sampled_from(["id", "url", "name", "cost", "status"]), inner),
            st.sets(st.sampled_from(["id", "url", "name", "cost", "status"])),
        ),
        st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(SCHEMAS, st.integers(0, 2**32))
def test_any_schema_of_these_kinds_is_met(schema: dict[str, Any], seed: int) -> None:
    assert is_valid(schema, made(schema, seed))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("videoUrl", r"^https://media\.example\.com/.*\.mp4$"),
        ("thumbnail_url", r"\.png$"),
        ("runId", r"^[0-9a-f-]{36}$"),
        ("createdAt", r"^\d{4}-\d\d-\d\dT"),
        ("email", r"@example\.com$"),
        ("prompt", r"^[A-Z].*\.$"),
        ("amount", r"^\d+\.\d{4}$"),
        ("currency", r"^USD$"),
    ],
)
def test_a_text_fits_what_it_is_called(name: str, pattern: str) -> None:
    assert re.search(pattern, made({"type": "string"}, 3, name))


@pytest.mark.parametrize(("name", "low", "high"), [("width", 256, 1920), ("progress", 0, 100)])
def test_a_number_fits_what_it_is_called(name: str, low: int, high: int) -> None:
    assert all(low <= made({"type": "integer"}, seed, name) <= high for seed in range(50))


def test_old_members_are_left_out_unless_required() -> None:
    old = {"type": "integer", "deprecated": True}
    schema = {"type": "object", "properties": {"a": old, "b": old}, "required": ["b"]}
    assert all(made(schema, seed).keys() == {"b"} for seed in range(20))


def test_optional_members_and_values_vary() -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}}
    found = [made(schema, seed) for seed in range(200)]
    assert {} in found
    assert {"a": None} in found
    assert len({value.get("a") for value in found}) > 20


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"not": {}},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"allOf": [{"enum": [1]}, {"enum": [2]}]},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
    ],
)
def test_a_schema_that_nothing_meets_is_noticed(schema: Any) -> None:
    with pytest.raises(Impossible):
        made(schema)


def test_an_impossible_member_is_left_out_wherever_it_stands() -> None:
    document = {**DOCUMENT, "never": {"not": {}}}
    never = {"$ref": "#/never"}
    schema = {"type": "object", "properties": {"a": {"properties": {"b": never}}, "b": never}}
    generate = Compiler(document).schema(schema)
    assert {str(generate(Random(seed), 0)) for seed in range(20)} == {"{}", "{'a': {}}"}


def test_a_merged_schema_keeps_what_both_sides_ask() -> None:
    schema = {
        "$ref": "#/node",
        "required": ["next"],
        "allOf": [{"properties": {"value": {"maximum": 3}}}],
    }
    whole = merged(DOCUMENT, schema)
    assert whole["required"] == ["value", "next"]
    assert whole["properties"]["value"] == {"allOf": [{"type": "integer"}, {"maximum": 3}]}


@given(
    st.sampled_from(
        ["^a{2,4}$", "^(x|yz)+$", r"^[^a-z]\s\D$", "b*", "^[13][a-c]{9}$|^q?$", r"^.\.\w{0,3}$"]
    ),
    st.integers(0, 2**32),
)
def test_a_spelled_text_matches_its_expression(pattern: str, seed: int) -> None:
    assert re.search(pattern, text_maker(pattern)(Random(seed)))


@pytest.mark.parametrize("pattern", ["^(?!a)b$", r"(a)\1"])
def test_an_expression_that_looks_around_is_not_spelled(pattern: str) -> None:
    with pytest.raises(Unsupported):
        text_maker(pattern)


def test_faker_is_imported_at_the_first_reply_only() -> None:
    code = (
        "import sys, simulator.http.synthesis.schemas as s\n"
        "make = s.Compiler({}).schema({'type': 'string'}, 'title')\n"
        "assert 'faker' not in sys.modules\n"
        "import random; make(random.Random(1), 0)\n"
        "assert 'faker' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
