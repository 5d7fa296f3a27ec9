"""Both judges say the same of generated requests, but for a short list of known gaps.

The stand-in answers from its contracts alone here: no handler and no business rule has a say. Both
judges read the very bytes that were sent.
"""

import contextlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from msgspec.structs import replace
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.schemas import OpenApiSchema

import contracts
from contracts import Contract, Dialect, Operation
from simulator.app import Understudy, installed_providers
from simulator.core.journal import Journal
from simulator.house import House
from simulator.http.exchange import VendorEdge
from simulator.http.serving import router_of
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore
from tests.exchanges.client import send
from tests.judge.gaps import GAPS, Gap, Judged, gap_of
from tests.judge.openapi_core_judge import judge_of

_EXAMPLES: Final = 25
_KINDS: Final[tuple[tuple[str, Dialect], ...]] = (
    ("recoup", "documented"),
    ("recoup", "live"),
    ("nanogpt", "documented"),
    ("leonardo", "documented"),
)


@dataclass(frozen=True, slots=True)
class Stand:
    """A stand-in without handlers, its generator of requests and its journal."""

    contract: Contract
    schema: OpenApiSchema
    journal: Journal
    headers: dict[str, str]

    def request(self, case: schemathesis.Case[Any]) -> Judged | None:
        """Send a case and have it judged; None if it went to no declared operation."""
        response = case.call(headers=dict(self.headers))
        sent = response.request
        return self.judged(
            response.headers["understudy-exchange"][0],
            parse_qsl(urlsplit(str(sent.url)).query, keep_blank_values=True),
            {name.lower(): _text(value) for name, value in sent.headers.items()},
            _content(sent.body),
        )

    def judged(
        self, number: str, query: list[tuple[str, str]], headers: dict[str, str], body: bytes
    ) -> Judged | None:
        """What both judges say of an exchange; None if no declared operation took it."""
        exchange = self.journal.find(number)
        assert exchange is not None
        assert not exchange.bug
        if not exchange.operation:
            return None
        assert exchange.error in {"", "invalid", "malformed_body"}
        faults = judge_of(self.contract.name, self.contract.dialect).request_faults(
            exchange.method, exchange.path, query=query, headers=headers, body=body
        )
        operation = self.contract.operation(exchange.operation)
        return Judged(operation, query, headers, body, exchange.violations, exchange.error, faults)


@cache
def stand_of(provider: str, dialect: Dialect) -> Stand:
    """The stand of one contract; made once."""
    bare = replace(installed_providers((provider,))[provider], operations=frozenset())
    house = House({provider: bare}, Settings(only=(provider,), dialect=dialect), MemoryStore())
    contract = contracts.load(provider, dialect)
    edge = VendorEdge(house, router_of({provider: contract}, {provider: bare}))
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_dict(contract.document, config=config)
    schema.app = Understudy(edge)
    headers = (
        {"Authorization": f"Bearer {bare.demo_keys[0]}"}
        if provider == "leonardo"
        else {"x-api-key": bare.demo_keys[0]}
    )
    return Stand(contract, schema, anyio.run(house.default).journal, headers)


def generated(stand: Stand, operation: Operation, mode: GenerationMode) -> list[Judged]:
    """Generate requests of one operation, always the same, and have them judged.

    None for an operation that cannot be asked wrongly.
    """
    found: list[Judged] = []
    path = operation.path.removeprefix(stand.contract.base_path)
    strategy = stand.schema[path][operation.method].as_strategy(generation_mode=mode)

    @seed(20260801)
    @settings(
        max_examples=_EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def ask(case: schemathesis.Case[Any]) -> None:
        if (request := stand.request(case)) is not None:
            found.append(request)

    with contextlib.suppress(Unsatisfiable):
        ask()
    return found


def _cases() -> list[Any]:
    return [
        pytest.param(provider, dialect, operation.id, id=f"{provider}-{dialect}-{operation.id}")
        for provider, dialect in _KINDS
        for operation in contracts.load(provider, dialect).operations
    ]


@pytest.mark.parametrize(("provider", "dialect", "operation_id"), _cases())
def test_the_judges_agree(provider: str, dialect: Dialect, operation_id: str) -> None:
    stand = stand_of(provider, dialect)
    operation = stand.contract.operation(operation_id)
    right = generated(stand, operation, GenerationMode.POSITIVE)
    wrong = generated(stand, operation, GenerationMode.NEGATIVE)
    assert any(request.is_accepted for request in right)
    if operation.body is not None:
        assert any(not request.is_accepted for request in wrong)
    disputed = [
        request.told()
        for request in (*right, *wrong)
        if not request.agree and gap_of(request) is None
    ]
    assert not disputed, "\n".join(disputed)


@pytest.mark.parametrize("gap", GAPS, ids=[gap.name for gap in GAPS])
def test_a_known_gap_is_there(gap: Gap) -> None:
    stand = stand_of(*gap.kind)
    own = {"content-type": "application/json", **gap.example.get("headers", {})}
    headers = {**own, **{name.lower(): value for name, value in stand.headers.items()}}
    answer = anyio.run(send, stand.schema.app, {**gap.example, "headers": headers})
    raw = gap.example.get("raw_body", "")
    body = json.dumps(gap.example["body"]) if "body" in gap.example else raw
    query = list(gap.example.get("query", {}).items())
    request = stand.judged(answer.headers["understudy-exchange"], query, headers, body.encode())
    assert request is not None
    assert not request.agree, request.told()
    assert gap_of(request) is gap, request.told()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _content(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")
