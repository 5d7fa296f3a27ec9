"""Schemathesis' own checks, all of them, on the three contracts as the stand-in serves them.

Where a documented rule refuses data that the schema allows, `tests/widenings.py` has a row with
the reason. Every refusal of schema-valid data names the rule that it broke.
"""

import json
import random
from dataclasses import dataclass
from typing import Any, Final

import anyio
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, find, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.schemas import OpenApiSchema

import contracts
from contracts import Dialect
from simulator.app import create_app, installed_providers
from simulator.core.journal import Exchange, Journal
from simulator.settings import Settings
from tests import widenings
from tests.widenings import Widening

_SWITCHES: Final = {
    # Schemathesis takes 401 and 403 alone for a refused key; Leonardo's default for one that is no
    # UUID is the 500 that its documents give, which `fixtures/exchanges` holds it to.
    "leonardo": {"malformed-key": "401"},
}
_STRICT: Final = {
    # After a deletion Schemathesis takes 404 alone; Leonardo's default is a null in a 200.
    "leonardo": {"malformed-key": "401", "unknown-id": "404"},
}
_SCHEMES: Final = {"recoup": "apiKeyAuth", "nanogpt": "apiKey", "leonardo": "bearerAuth"}
_NOT_A_RULE: Final = frozenset({"invalid", "malformed_body", "unauthenticated", "too_large"})
_SCHEMA_WORDS: Final = frozenset(jsonschema.Draft202012Validator.VALIDATORS)


@dataclass(frozen=True, slots=True)
class Stand:
    """One contract as it is served, and what was asked of it."""

    schema: OpenApiSchema
    journal: Journal

    def exchange(self, response: Response) -> Exchange:
        """The journal's entry of a response."""
        found = self.journal.find(response.headers["understudy-exchange"][0])
        assert found is not None
        return found

    def check(self, case: schemathesis.Case[Any]) -> None:
        """Send a case, have Schemathesis check the answer, and look at what the journal says."""
        response = case.call_and_validate()
        self.look(response, case)

    def look(self, response: Response, case: schemathesis.Case[Any]) -> None:
        """Hold that no answer is a bug, and that a refusal of valid data names its rule."""
        exchange = self.exchange(response)
        assert not exchange.bug
        is_declared = exchange.operation != ""
        if is_declared and response.status_code >= 400 and _is_positive(case):
            assert names_a_rule(exchange, response), exchange


def names_a_rule(exchange: Exchange, response: Response) -> bool:
    """Whether a refusal names a business rule, or is one that the core knows by name."""
    if exchange.error in _NOT_A_RULE or not exchange.error:
        return False
    if exchange.error != "rule_broken":
        return "understudy-violations" not in response.headers
    told = json.loads(response.headers["understudy-violations"][0])
    rules = {violation.keyword for violation in exchange.violations}
    named = all(any(rule in item["message"] for rule in rules) for item in told)
    return bool(told) and named and rules.isdisjoint(_SCHEMA_WORDS)


def stand(
    provider: str,
    scheme: str,
    dialect: Dialect = "documented",
    *,
    examples: int = 10,
    paths: tuple[str, ...] = (),
    is_strict: bool = False,
    is_widened: bool = True,
) -> Stand:
    """Serve one contract to Schemathesis, with a demo key in one of its security schemes.

    `paths` leaves others out of what Schemathesis sees.
    """
    switches = (_STRICT if is_strict else _SWITCHES).get(provider, {})
    app = create_app(
        Settings(only=(provider,), dialect=dialect, stage_seconds=0, switches={provider: switches})
    )
    document = contracts.load(provider, dialect).document
    if paths:
        document = {**document, "paths": {path: document["paths"][path] for path in paths}}
    key = installed_providers((provider,))[provider].demo_keys[0]
    is_header = document["components"]["securitySchemes"][scheme]["type"] == "apiKey"
    config = {
        "auth": {"openapi": {scheme: {"api_key" if is_header else "bearer": key}}},
        "generation": {
            "deterministic": True,
            "max-examples": examples,
            "database": "none",
            "with-security-parameters": False,
        },
        "operations": widenings.configuration(provider, dialect) if is_widened else [],
    }
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))
    schema.app = app
    return Stand(schema, anyio.run(app.state.house.default).journal)


RECOUP = stand("recoup", "apiKeyAuth")
RECOUP_BEARER = stand("recoup", "bearerAuth", paths=("/api/tasks/runs", "/api/content/caption"))
RECOUP_LIVE = stand("recoup", "apiKeyAuth", "live")
NANOGPT = stand("nanogpt", "apiKey")
NANOGPT_BEARER = stand("nanogpt", "bearer", paths=("/api/video/status", "/api/check-balance"))
LEONARDO = stand("leonardo", "bearerAuth")


@RECOUP.schema.parametrize()
def test_recoup(case: schemathesis.Case[Any]) -> None:
    RECOUP.check(case)


@RECOUP_BEARER.schema.parametrize()
def test_recoup_with_a_bearer_token(case: schemathesis.Case[Any]) -> None:
    RECOUP_BEARER.check(case)


@RECOUP_LIVE.schema.parametrize()
def test_recoup_live(case: schemathesis.Case[Any]) -> None:
    RECOUP_LIVE.check(case)


@NANOGPT.schema.parametrize()
def test_nanogpt(case: schemathesis.Case[Any]) -> None:
    NANOGPT.check(case)


@NANOGPT_BEARER.schema.parametrize()
def test_nanogpt_with_a_bearer_token(case: schemathesis.Case[Any]) -> None:
    NANOGPT_BEARER.check(case)


@LEONARDO.schema.parametrize()
def test_leonardo(case: schemathesis.Case[Any]) -> None:
    LEONARDO.check(case)


@pytest.mark.parametrize(
    ("provider", "dialect"),
    [
        ("recoup", "documented"),
        ("recoup", "live"),
        ("nanogpt", "documented"),
        ("leonardo", "documented"),
    ],
)
def test_linked_operations(provider: str, dialect: Dialect) -> None:
    """What a create answers can be polled, listed and deleted, and is gone after that."""
    served = stand(provider, _SCHEMES[provider], dialect, is_strict=True)
    machine = served.schema.as_state_machine()

    class Machine(machine):  # type: ignore[misc, valid-type]  # made at run time
        def after_call(self, response: Response, case: schemathesis.Case[Any]) -> None:
            super().after_call(response, case)
            served.look(response, case)

    Machine.run(
        settings=settings(
            max_examples=15,
            stateful_step_count=6,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
    )


def _rows() -> list[Any]:
    return [
        pytest.param(row, dialect, id=f"{row.provider}-{dialect}-{row.operation}")
        for row in widenings.WIDENINGS
        for dialect in row.dialects
    ]


@pytest.mark.parametrize(("row", "dialect"), _rows())
def test_a_widening_is_needed(row: Widening, dialect: Dialect) -> None:
    """There is a request that needs it, and a refusal of valid data names its rule."""
    served = stand(row.provider, _SCHEMES[row.provider], dialect, is_widened=False)
    contract = contracts.load(row.provider, dialect)
    operation = contract.operation(row.operation)
    path = operation.path.removeprefix(contract.base_path)
    is_rejection = row.check == widenings.REJECTED
    mode = GenerationMode.NEGATIVE if is_rejection else GenerationMode.POSITIVE

    def needs_it(case: schemathesis.Case[Any]) -> bool:
        return str(case.call().status_code) in row.statuses

    case = find(
        served.schema[path][operation.method].as_strategy(generation_mode=mode),
        needs_it,
        settings=settings(
            max_examples=2000,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
        random=random.Random(20260801),
    )
    response = case.call()
    if mode.is_positive:
        assert names_a_rule(served.exchange(response), response)


def _is_positive(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
