"""Varied replies keep their contract, whoever judges them, and are really varied."""

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

import jsonschema_rs
import pytest

import contracts
from contracts import Dialect, Operation
from simulator.app import installed_providers
from simulator.http.synthesis import compile_reply
from simulator.http.validation import reference
from simulator.http.variety.edges import LONGEST_TEXT, TEXTS
from simulator.http.variety.varying import Varier
from tests.judge.openapi_core_judge import judge_of
from tests.toy import contract as toy_contract

KINDS = {
    "absent",
    "null",
    "extra",
    "long-text",
    "empty-text",
    "empty-list",
    "large-list",
    "bound",
    *TEXTS,
}
DIALECTS: tuple[tuple[str, Dialect], ...] = (
    ("recoup", "documented"),
    ("recoup", "live"),
    ("nanogpt", "documented"),
    ("leonardo", "documented"),
)


class Told(NamedTuple):
    """A reply of an operation that its contract shows or allows."""

    operation: Operation
    status: int
    pointer: str
    body: Any


def told(provider: str, dialect: Dialect, made: int = 2) -> Iterator[Told]:
    """Every JSON example of every reply, and some replies made from the schemas."""
    contract = contracts.load(provider, dialect)
    for operation in contract.operations:
        for status, spec in operation.replies.items():
            media = spec.content.get("application/json")
            if media is None or not status.isdigit():
                continue
            bodies = list(media.examples.values())
            if status.startswith("2"):
                make = compile_reply(contract, operation)
                replies = (make(Random(number)) for number in range(made))
                bodies += [reply.body for reply in replies if reply.status == int(status)]
            for body in bodies:
                yield Told(operation, int(status), media.pointer, body)


def varier(provider: str, operation: Operation, dialect: Dialect = "documented") -> Varier:
    formats = installed_providers((provider,))[provider].formats
    return Varier(contracts.load(provider, dialect), operation, formats)


@pytest.mark.parametrize(("provider", "dialect"), DIALECTS)
def test_thousands_of_varied_replies_keep_the_contract_and_every_edge_appears(
    provider: str, dialect: Dialect
) -> None:
    document = contracts.load(provider, dialect).document
    registry = jsonschema_rs.Registry([("urn:oas", document)])
    second = judge_of(provider, dialect)
    kinds: Counter[str] = Counter()
    count = unvaried = 0
    for reply in told(provider, dialect):
        vary = varier(provider, reply.operation, dialect).varied
        schema = {"$ref": reference(reply.pointer)}
        judge = jsonschema_rs.Draft202012Validator(schema, registry=registry)
        for seed in range(8):
            varied = vary(reply.status, reply.body, str(seed))
            assert varied is not None
            assert judge.is_valid(json.loads(varied.content)), (reply.operation.id, seed)
            if seed < 1:
                headers = {"content-type": "application/json"}
                path = reply.operation.path
                faults = second.reply_faults(
                    reply.operation.method, path, reply.status, headers, varied.content
                )
                faults = [fault for fault in faults if "header" not in fault.lower()]
                assert not faults, (reply.operation.id, reply.status, seed, faults)
            kinds.update(varied.edges.values())
            count += 1
            unvaried += not varied.edges
    assert count > 300
    assert unvaried < count / 50
    assert set(kinds) == KINDS, KINDS - set(kinds)


def test_a_seed_draws_the_same_and_another_seed_something_else() -> None:
    reply = next(item for item in told("leonardo", "documented") if item.status == 200)
    vary = varier("leonardo", reply.operation).varied
    again = varier("leonardo", reply.operation).varied
    drawn = [vary(reply.status, reply.body, str(seed)) for seed in range(20)]
    assert drawn == [again(reply.status, reply.body, str(seed)) for seed in range(20)]
    assert len({varied.content for varied in drawn if varied}) > 15


def test_the_reply_itself_is_left_alone() -> None:
    for reply in told("recoup", "documented"):
        before = deepcopy(reply.body)
        varier("recoup", reply.operation).varied(reply.status, reply.body, "1")
        assert reply.body == before


@pytest.mark.parametrize(
    ("provider", "operation", "found"),
    [
        ("nanogpt", "createVideo", ("runId",)),
        ("leonardo", "createTextToVideoGeneration", ("motionVideoGenerationJob", "generationId")),
    ],
)
def test_what_identifies_a_new_run_stays(
    provider: str, operation: str, found: tuple[str, ...]
) -> None:
    operations = contracts.load(provider).operations
    creating = next((item for item in operations if item.id == operation), None)
    assert creating is not None, [item.id for item in operations]
    replies = [item for item in told(provider, "documented") if item.operation.id == operation]
    replies = [item for item in replies if item.status < 300]
    assert replies
    for reply in replies:
        for seed in range(50):
            varied = varier(provider, creating).varied(reply.status, reply.body, str(seed))
            assert varied is not None
            was, now = reply.body, json.loads(varied.content)
            for name in found:
                was, now = was[name], now[name]
            assert was == now


# Contracts made to be difficult.

EDGY = """
openapi: 3.1.0
info: {title: Edgy, version: '1'}
servers: [{url: 'http://toy.test'}]
security: []
paths:
  /edgy:
    get:
      operationId: edgy
      responses:
        '200':
          description: Difficult.
          content:
            application/json:
              schema: SCHEMA
        '4XX':
          description: No.
          content: {application/json: {schema: {type: object}}}
"""


def edgy(schema: dict[str, Any]) -> Varier:
    """Varies the replies of an operation with such a schema."""
    contract = toy_contract(text=EDGY.replace("SCHEMA", json.dumps(schema)))
    return Varier(contract, contract.operations[0], {})


def drawn(schema: dict[str, Any], body: Any, count: int = 300, **more: Any) -> list[Any]:
    """The bodies that so many seeds make of one."""
    found = [edgy(schema).varied(200, body, str(seed), **more) for seed in range(count)]
    judge = jsonschema_rs.Draft202012Validator(schema)
    bodies = [json.loads(varied.content) for varied in found if varied is not None]
    assert len(bodies) == count
    assert all(judge.is_valid(value) for value in bodies)
    return bodies


def test_members_that_hang_on_each_other_go_together_or_not_at_all() -> None:
    schema = {
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}},
        "dependentRequired": {"a": ["b"]},
    }
    bodies = drawn(schema, {"a": "some words", "b": "some words", "c": "some words"})
    seen = {tuple(name for name in "abc" if name in body) for body in bodies}
    assert {("a", "b", "c"), ("b", "c"), ("a", "b"), ("c",)} <= seen


def test_where_nothing_may_change_nothing_does() -> None:
    schema = {"const": {"error": "no", "count": 1}}
    assert {json.dumps(body) for body in drawn(schema, schema["const"], 20)} == {
        json.dumps(schema["const"])
    }


def test_a_branch_is_never_left() -> None:
    def branch(kind: str, name: str) -> dict[str, Any]:
        properties = {"kind": {"const": kind}, name: {"type": "string"}}
        return {
            "properties": properties,
            "required": ["kind", name],
            "additionalProperties": False,
        }

    schema = {"oneOf": [branch("cat", "purr"), branch("dog", "bark")]}
    bodies = drawn(schema, {"kind": "dog", "bark": "woof to you"})
    assert {body["kind"] for body in bodies} == {"dog"}
    assert len({body["bark"] for body in bodies}) > 5


def test_bounds_are_reached() -> None:
    schema = {
        "properties": {
            "n": {"type": "integer", "minimum": 3, "maximum": 17},
            "over": {"type": "number", "exclusiveMinimum": 0},
            "text": {"type": "string", "maxLength": 20, "minLength": 2},
            "list": {"type": "array", "items": {"type": "integer"}, "maxItems": 7},
            "word": {"enum": ["up", "down"]},
        },
        "required": ["n", "over", "text", "list", "word"],
    }
    was = {"n": 5, "over": 0.5, "text": "so so", "list": [1, 2], "word": "up"}
    bodies = drawn(schema, was)
    assert {3, 17} <= {body["n"] for body in bodies} <= {3, 5, 17}
    assert 1e-9 in {body["over"] for body in bodies}
    assert max(len(body["text"]) for body in bodies) == 20
    assert {0, 7} <= {len(body["list"]) for body in bodies}
    assert {body["word"] for body in bodies} == {"up"}


def test_without_bounds_texts_and_lists_become_as_long_as_is_bearable() -> None:
    texts = {"type": "array", "items": {"type": "string"}}
    schema = {"properties": {"text": {"type": "string"}, "list": texts}}
    bodies = drawn(schema, {"text": "so so", "list": ["so so"]})
    assert max(len(body.get("text", "")) for body in bodies) == LONGEST_TEXT
    assert max(len(body.get("list", "")) for body in bodies) == 200


def test_null_comes_only_where_it_may() -> None:
    schema = {
        "properties": {"yes": {"type": ["string", "null"]}, "no": {"type": "string"}},
        "required": ["yes", "no"],
    }
    bodies = drawn(schema, {"yes": "so so", "no": "so so"})
    assert any(body["yes"] is None for body in bodies)
    assert all(body["no"] is not None for body in bodies)


def test_members_are_added_only_where_they_may() -> None:
    closed = {
        "type": "object",
        "properties": {"b": {"type": "number"}},
        "additionalProperties": False,
    }
    bodies = drawn({"properties": {"a": closed}}, {"a": {"b": 1.5}})
    assert any(set(value) - {"a"} for value in bodies)
    assert all(set(value.get("a", {})) <= {"b"} for value in bodies)


def test_what_the_client_asked_for_stays() -> None:
    schema = {
        "properties": {
            "runs": {"type": "array", "items": {"properties": {"name": {"type": "string"}}}}
        }
    }
    body = {"runs": [{"name": "run_1234567"}]}
    kept = drawn(schema, body, known=frozenset({"run_1234567"}))
    assert all(value["runs"][0]["name"] == "run_1234567" for value in kept)
    assert any(not value.get("runs") for value in drawn(schema, body))


def test_texts_are_escaped_and_spaced_in_all_the_ways_of_servers() -> None:
    found = [edgy({}).varied(200, {"t": "\U0001f600"}, str(seed)) for seed in range(40)]
    contents = [varied.content for varied in found if varied is not None]
    assert any(b"\\ud83d\\ude00" in content for content in contents)
    assert any("\U0001f600".encode() in content for content in contents)
    assert any(b"\r\n  " in content for content in contents)


def test_a_status_is_judged_by_its_class_and_none_that_is_not_told_of() -> None:
    varier = edgy({"type": "object"})
    assert varier.varied(404, {"a": 1.5}, "1") is not None
    assert varier.varied(500, {"a": 1.5}, "1") is None
    assert varier.varied(200, [], "1") is None


def test_a_lone_surrogate_goes_out_as_an_escape() -> None:
    for seed in range(20):
        varied = edgy({"type": "object"}).varied(200, {"a": "\ud800"}, str(seed))
        assert varied is not None
        assert b"\\ud800" in varied.content or "/a" in varied.edges
