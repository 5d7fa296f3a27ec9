"""Replies made from the contracts alone are valid, repeatable and varied."""

import json
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
import yaml

from contracts import Contract, Dialect, Operation, load, names
from simulator.http.synthesis import Unanswerable, compile_reply
from simulator.http.synthesis.schemas import Compiler

DIALECTS: tuple[Dialect, ...] = ("documented", "live")
CONTRACTS = {(name, dialect): load(name, dialect) for name in names() for dialect in DIALECTS}
OPERATIONS = [
    pytest.param(contract, operation, id=f"{contract.name}-{contract.dialect}-{operation.id}")
    for contract in CONTRACTS.values()
    for operation in contract.operations
]
SEEDS = range(300)


def validator(contract: Contract, pointer: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": "urn:oas#" + quote(pointer, safe="/~")},
        registry=jsonschema_rs.Registry([("urn:oas", contract.document)]),
        validate_formats=True,
    )


@pytest.mark.parametrize(("contract", "operation"), OPERATIONS)
def test_a_made_reply_keeps_the_contract(contract: Contract, operation: Operation) -> None:
    make = compile_reply(contract, operation)
    replies = [make(Random(seed)) for seed in SEEDS]
    (status,) = {reply.status for reply in replies}
    media = operation.replies[str(status)].content.get("application/json")
    if media is None:
        return
    judge = validator(contract, media.pointer)
    for reply in replies:
        assert list(judge.iter_errors(reply.body)) == []
        assert json.loads(json.dumps(reply.body, allow_nan=False)) == reply.body


@pytest.mark.parametrize(("contract", "operation"), OPERATIONS)
def test_every_declared_json_body_can_be_made_at_the_first_try(
    contract: Contract, operation: Operation
) -> None:
    compiler = Compiler(contract.document)
    for reply in operation.replies.values():
        if (media := reply.content.get("application/json")) is not None:
            generate = compiler.at(media.pointer)
            judge = validator(contract, media.pointer)
            bodies = [generate(Random(seed), 0) for seed in range(100)]
            assert [body for body in bodies if not judge.is_valid(body)] == []


@pytest.mark.parametrize(("contract", "operation"), OPERATIONS)
def test_the_same_seed_makes_the_same_reply(contract: Contract, operation: Operation) -> None:
    first, second = compile_reply(contract, operation), compile_reply(contract, operation)
    assert [first(Random(seed)) for seed in range(20)] == [
        second(Random(seed)) for seed in range(20)
    ]


def contract_of(tmp_path: Path, replies: dict[str, Any]) -> tuple[Contract, Operation]:
    (tmp_path / "acme").mkdir()
    operation = {"operationId": "getThing", "responses": replies}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Acme", "version": "1"},
        "servers": [{"url": "https://acme.example"}],
        "paths": {"/thing": {"get": operation}},
    }
    (tmp_path / "acme" / "openapi.yaml").write_text(yaml.safe_dump(document))
    contract = load("acme", root=tmp_path)
    return contract, contract.operations[0]


def json_reply(schema: Any, **members: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema, **members}}}


def test_the_lowest_success_is_given(tmp_path: Path) -> None:
    replies = {"404": json_reply({"const": 1}), "202": json_reply({"const": 2}), "201": {}}
    assert compile_reply(*contract_of(tmp_path, replies))(Random(1)).status == 201


@pytest.mark.parametrize(
    ("status", "given"), [("2XX", 200), ("default", 200), ("404", 404), ("204", 204)]
)
def test_a_status_of_any_form_becomes_a_number(tmp_path: Path, status: str, given: int) -> None:
    contract, operation = contract_of(tmp_path, {status: {"description": ""}})
    reply = compile_reply(contract, operation)(Random(1))
    assert (reply.status, reply.body) == (given, None)


def test_required_headers_are_given_and_others_are_not(tmp_path: Path) -> None:
    headers = {
        "Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 5}},
        "X-Flag": {"required": True, "schema": {"const": True}},
        "X-Other": {"schema": {"type": "string"}},
    }
    contract, operation = contract_of(tmp_path, {"200": {"description": "", "headers": headers}})
    given = dict(compile_reply(contract, operation)(Random(1)).headers)
    assert given.keys() == {"retry-after", "x-flag"}
    assert int(given["retry-after"]) >= 5
    assert given["x-flag"] == "true"


def test_a_body_that_is_no_json_comes_with_its_type(tmp_path: Path) -> None:
    content = {"text/csv": {"schema": {"type": "string"}, "example": "a,b"}}
    contract, operation = contract_of(tmp_path, {"200": {"description": "", "content": content}})
    reply = compile_reply(contract, operation)(Random(1))
    assert (reply.body, reply.headers) == (b"a,b", (("content-type", "text/csv"),))


def test_what_cannot_be_made_is_taken_from_an_example(tmp_path: Path) -> None:
    schema = {"type": "integer", "not": {"minimum": -5}}
    contract, operation = contract_of(tmp_path, {"200": json_reply(schema, example=-7)})
    assert compile_reply(contract, operation)(Random(1)).body == -7


def test_without_an_example_it_is_refused(tmp_path: Path) -> None:
    schema = {"type": "integer", "not": {"minimum": -5}}
    contract, operation = contract_of(tmp_path, {"200": json_reply(schema)})
    with pytest.raises(Unanswerable, match="getThing"):
        compile_reply(contract, operation)(Random(1))


def test_an_operation_without_replies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unanswerable, match="getThing declares no reply"):
        compile_reply(*contract_of(tmp_path, {}))
