"""Turns contracts and providers into what the router serves.

An operation without a handler is answered from its contract alone.
"""

import random
from collections.abc import Mapping
from typing import Any

from contracts import Contract, Operation
from simulator.core import ids, jsontext
from simulator.core.desk import Desk
from simulator.http import decoding
from simulator.http.replying import standing_head
from simulator.http.router import Router, Served
from simulator.http.validation import OperationJudge, Schemas
from simulator.provider import Call, Handler, Provider, Reply


def router_of(contracts: Mapping[str, Contract], providers: Mapping[str, Provider]) -> Router:
    """Make the router of some providers; raises `ContractError` if they collide."""
    return Router(
        _served(contracts[name], operation, provider, schemas)
        for name, provider in providers.items()
        for schemas in (Schemas(contracts[name], provider.formats),)
        for operation in contracts[name].operations
    )


def _served(
    contract: Contract, operation: Operation, provider: Provider, schemas: Schemas
) -> Served:
    security = operation.security
    served = Served(
        operation=operation,
        provider=provider,
        handler=_synthesized(contract, operation),
        judge=OperationJudge(schemas, operation),
        body_defaults=_body_defaults(operation),
        query_reader=decoding.reader_of(operation),
        query_defaults={
            item.name: item.default
            for item in operation.parameters
            if item.location == "query" and item.default is not None
        },
        is_open=not security or () in security,
        takes_credential=bool(security),
        standing=standing_head(provider, is_handled=True),
    )
    if operation.id in provider.operations:
        served.handler = _resolving(served)
    return served


def _resolving(served: Served) -> Handler:
    """A handler that puts the provider's own in its place at the first call, and calls that.

    So a provider's operations, and all that they import, cost a start nothing.
    """

    async def answer(call: Call, desk: Desk) -> Reply:
        served.handler = served.provider.handlers()[served.operation.id]
        return await served.handler(call, desk)

    return answer


def _body_defaults(operation: Operation) -> dict[str, Any]:
    """The defaults of the body's own properties."""
    if operation.body is None:
        return {}
    properties = operation.body.schema.get("properties", {})
    return {
        name: schema["default"]
        for name, schema in properties.items()
        if isinstance(schema, dict) and "default" in schema
    }


def _synthesized(contract: Contract, operation: Operation) -> Handler:
    """A handler that answers from the contract, equal requests of a tenant alike."""
    compiled = None

    async def answer(call: Call, desk: Desk) -> Reply:
        nonlocal compiled
        if compiled is None:
            from simulator.http.synthesis import compile_reply

            compiled = compile_reply(contract, operation)
        request = jsontext.dumps_sorted([call.path, call.query, call.body])
        digest = ids.request_digest(desk.account.id, operation.id, request)
        reply = compiled(random.Random(ids.entropy(desk.seed, digest, 0)))
        return Reply(reply.status, reply.body, tuple(reply.headers))

    return answer
