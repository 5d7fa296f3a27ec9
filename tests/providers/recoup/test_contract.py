"""Recoup's contract, in both dialects: its own examples satisfy its own schemas."""

from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import quote

import jsonschema_rs
import pytest

import contracts
from contracts import Contract, Dialect, Media

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_example_satisfies_its_schema(dialect: Dialect) -> None:
    contract = contracts.load("recoup", dialect)
    checked = 0
    for place, media in _media(contract):
        validator = _validator(contract, media.pointer)
        for name, value in media.examples.items():
            problems = [error.message for error in validator.iter_errors(value)]
            assert not problems, f"{place} example {name}: {problems}"
            checked += 1
    assert checked > 50


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_body_has_an_example(dialect: Dialect) -> None:
    contract = contracts.load("recoup", dialect)
    assert [place for place, media in _media(contract) if not media.examples] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_create_and_edit_link_to_the_run(dialect: Dialect) -> None:
    contract = contracts.load("recoup", dialect)
    linked = {
        operation.id: {link["operationId"] for link in operation.links.values()}
        for operation in contract.operations
        if operation.links
    }
    assert linked == {"createContent": {"listRuns"}, "editContent": {"listRuns"}}


def test_live_judges_the_body_before_the_credential_where_observed() -> None:
    live = contracts.load("recoup", "live")
    early = {op.id for op in live.operations if op.check_order[0] == "body"}
    assert early == {"createContent", "listArtists"}


def _media(contract: Contract) -> Iterator[tuple[str, Media]]:
    for operation in contract.operations:
        if operation.body is not None:
            for media in operation.body.content.values():
                yield f"{operation.id} request", media
        for status, reply in operation.replies.items():
            for media in reply.content.values():
                yield f"{operation.id} {status}", media


def _validator(contract: Contract, pointer: str) -> Any:
    registry = jsonschema_rs.Registry([("urn:oas", contract.document)])
    reference = {"$ref": "urn:oas#" + quote(pointer, safe="/~")}
    return jsonschema_rs.Draft202012Validator(reference, registry=registry, validate_formats=True)
