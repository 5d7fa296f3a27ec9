"""Every contract, in both dialects: a valid document with examples that keep their own schemas."""

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts import (
    Contract,
    Dialect,
    Media,
    Operation,
    load,
    lookup,
    names,
    path_of,
    walk_pointer,
)

DIALECTS: tuple[Dialect, ...] = ("documented", "live")
PAIRS = [(name, dialect) for name in names() for dialect in DIALECTS]
OPERATIONS = {
    "recoup": {
        "POST /api/content/video",
        "POST /api/content/create",
        "GET /api/tasks/runs",
        "GET /api/content/templates",
        "GET /api/content/templates/{id}",
        "POST /api/content/image",
        "POST /api/content/caption",
        "POST /api/content/transcribe",
        "POST /api/content/upscale",
        "POST /api/content/analyze",
        "PATCH /api/content",
        "GET /api/content/validate",
        "GET /api/content/estimate",
        "GET /api/artists",
    },
    "nanogpt": {
        "POST /api/generate-video",
        "POST /api/generate-video/extend",
        "GET /api/video/status",
        "GET /api/generate-video/status",
        "GET /api/generate-video/recover",
        "GET /api/generate-video/content",
        "GET /api/v1/video/status",
        "GET /api/v1/models",
        "GET /api/v1/video-models",
        "GET /api/models",
        "POST /api/check-balance",
    },
    "leonardo": {
        "POST /api/rest/v1/generations-image-to-video",
        "POST /api/rest/v1/generations-text-to-video",
        "POST /api/rest/v1/generations-motion-svd",
        "POST /api/rest/v1/generations-video-upscale",
        "POST /api/rest/v1/generations",
        "GET /api/rest/v1/generations/{id}",
        "DELETE /api/rest/v1/generations/{id}",
        "GET /api/rest/v1/generations/user/{userId}",
        "POST /api/rest/v1/init-image",
        "GET /api/rest/v1/init-image/{id}",
        "DELETE /api/rest/v1/init-image/{id}",
        "GET /api/rest/v1/me",
        "GET /api/rest/v1/platformModels",
        "GET /api/rest/v1/elements",
        "POST /api/rest/v1/pricing-calculator",
        "GET /api/rest/v1/variations/{id}",
        "GET /api/rest/v1/motion-variations/{id}",
    },
}
STATUS_OF_A_CREATE = {
    "recoup": {
        "POST /api/content/create": "/api/tasks/runs",
        "PATCH /api/content": "/api/tasks/runs",
    },
    "nanogpt": {
        "POST /api/generate-video": "/api/video/status",
        "POST /api/generate-video/extend": "/api/video/status",
    },
    "leonardo": {
        f"POST /api/rest/v1/{name}": "/api/rest/v1/generations/{id}"
        for name in (
            "generations",
            "generations-image-to-video",
            "generations-text-to-video",
            "generations-motion-svd",
            "generations-video-upscale",
        )
    }
    | {"POST /api/rest/v1/init-image": "/api/rest/v1/init-image/{id}"},
}


@cache
def loaded(name: str, dialect: Dialect) -> Contract:
    return load(name, dialect)


@cache
def registry(name: str, dialect: Dialect) -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([("urn:oas", loaded(name, dialect).document)])


def faults(name: str, dialect: Dialect, pointer: str, value: Any) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": "urn:oas#" + quote(pointer, safe="/~")},
        registry=registry(name, dialect),
        validate_formats=True,
    )
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]


def every_operation() -> list[Any]:
    return [
        pytest.param(name, dialect, operation, id=f"{name}-{dialect}-{operation.id}")
        for name, dialect in PAIRS
        for operation in load(name, dialect).operations
    ]


def place(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def test_the_three_providers_have_a_contract() -> None:
    assert set(names()) >= set(OPERATIONS)


@pytest.mark.parametrize(("name", "dialect"), PAIRS)
def test_the_document_is_valid_openapi(name: str, dialect: Dialect) -> None:
    document = loaded(name, dialect).document
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_listed_operations_are_declared(name: str, dialect: Dialect) -> None:
    declared = {place(operation) for operation in loaded(name, dialect).operations}
    assert declared >= OPERATIONS[name]


def test_no_two_providers_declare_the_same_operation() -> None:
    places = [place(operation) for name in names() for operation in load(name).operations]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(("name", "dialect", "operation"), every_operation())
def test_a_request_with_a_body_has_examples_that_hold(
    name: str, dialect: Dialect, operation: Operation
) -> None:
    if operation.body is None:
        return
    for media_type, media in operation.body.content.items():
        assert media.examples, f"no example for {media_type}"
        check(name, dialect, media)


@pytest.mark.parametrize(("name", "dialect", "operation"), every_operation())
def test_every_reply_has_examples_that_hold(
    name: str, dialect: Dialect, operation: Operation
) -> None:
    assert operation.replies
    for status, reply in operation.replies.items():
        assert reply.description, status
        for media_type, media in reply.content.items():
            if media_type == "application/json":
                assert media.schema, f"{status}: no schema"
                assert media.examples, f"{status}: no example"
                check(name, dialect, media)


def check(name: str, dialect: Dialect, media: Media) -> None:
    for example, value in media.examples.items():
        assert faults(name, dialect, media.pointer, value) == [], example


@pytest.mark.parametrize(("name", "dialect", "operation"), every_operation())
def test_an_operation_says_who_may_call_it_and_how_it_refuses(
    name: str, dialect: Dialect, operation: Operation
) -> None:
    document = loaded(name, dialect).document
    declared = walk_pointer(document, operation.pointer)
    assert "security" in declared or "security" in document
    schemes = document["components"]["securitySchemes"]
    assert {scheme for alternative in operation.security for scheme in alternative} <= set(schemes)
    if operation.security and () not in operation.security:
        assert operation.replies.keys() & {"401", "403", "4XX", "default"}
    refusals = [status for status in operation.replies if status[0] in "45"]
    bodiless = {status for status in refusals if not operation.replies[status].content}
    # Observed: what a server does not catch is an empty 500.
    assert bodiless <= ({"405", "500"} if dialect == "live" else {"405"})
    assert operation.summary


@pytest.mark.parametrize(("name", "dialect", "operation"), every_operation())
def test_examples_of_parameters_hold(name: str, dialect: Dialect, operation: Operation) -> None:
    for parameter in operation.parameters:
        if parameter.default is not None:
            assert faults(name, dialect, parameter.pointer, parameter.default) == []
        for example in parameter.schema.get("examples", []):
            assert faults(name, dialect, parameter.pointer, example) == []
    document = loaded(name, dialect).document
    for index in range(len(walk_pointer(document, operation.pointer).get("parameters", []))):
        declared, pointer = lookup(document, f"{operation.pointer}/parameters/{index}")
        shown = [held["value"] for held in declared.get("examples", {}).values()]
        for example in [*shown, *([declared["example"]] if "example" in declared else [])]:
            assert faults(name, dialect, f"{pointer}/schema", example) == []


@pytest.mark.parametrize(("name", "dialect"), PAIRS)
def test_links_lead_to_operations_and_their_parameters(name: str, dialect: Dialect) -> None:
    contract = loaded(name, dialect)
    links = [link for operation in contract.operations for link in operation.links.values()]
    for link in links:
        target = contract.operation(link["operationId"])
        parameters = {p.name for p in target.parameters}
        given = {key.rpartition(".")[2] for key in link.get("parameters", {})}
        assert given <= parameters, link
    assert links


@pytest.mark.parametrize("name", sorted(STATUS_OF_A_CREATE))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_create_links_to_the_operation_that_tells_its_status(name: str, dialect: Dialect) -> None:
    contract = loaded(name, dialect)
    operations = {place(operation): operation for operation in contract.operations}
    for create, status in STATUS_OF_A_CREATE[name].items():
        links = operations[create].links.values()
        assert status in {contract.operation(link["operationId"]).path for link in links}, create


@pytest.mark.parametrize(("name", "dialect"), PAIRS)
def test_a_link_finds_its_values_in_an_example(name: str, dialect: Dialect) -> None:
    for operation in loaded(name, dialect).operations:
        for reply in operation.replies.values():
            examples = [e for media in reply.content.values() for e in media.examples.values()]
            for link in reply.links.values():
                for expression in link.get("parameters", {}).values():
                    assert resolves(expression, examples), (operation.id, expression)


def resolves(expression: Any, examples: list[Any]) -> bool:
    prefix = "$response.body#"
    if not isinstance(expression, str) or not expression.startswith(prefix):
        return True
    return any(leads(example, expression.removeprefix(prefix)) for example in examples)


def leads(example: Any, pointer: str) -> bool:
    try:
        walk_pointer(example, pointer)
    except LookupError:
        return False
    return True


@pytest.mark.parametrize(("name", "dialect"), PAIRS)
def test_provenance_is_one_of_three_words(name: str, dialect: Dialect) -> None:
    found = set(values_of("x-provenance", loaded(name, dialect).document))
    assert found <= {"documented", "observed", "assumed"}


@pytest.mark.parametrize("name", names())
def test_sources_contradictions_and_gaps_are_written_down(name: str) -> None:
    source = path_of(name).with_name("SOURCE.md").read_text().lower()
    assert "source" in source
    assert "contradict" in source or "conflict" in source
    assert "gap" in source


def values_of(key: str, value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, held in value.items():
            if name == key:
                yield held
            else:
                yield from values_of(key, held)
    elif isinstance(value, list):
        for held in value:
            yield from values_of(key, held)
