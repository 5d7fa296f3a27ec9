"""The contract's checks of one request: credential, rate limit, input. Each raises its refusal."""

from collections.abc import Mapping
from typing import Any

from contracts import Body, Operation
from simulator.core import accounts, jsontext
from simulator.core.accounts import Account
from simulator.core.errors import (
    Forbidden,
    Invalid,
    MalformedBody,
    MethodNotAllowed,
    RateLimited,
    Refusal,
    Unauthenticated,
    UnknownPath,
    Violation,
)
from simulator.core.store import Tx
from simulator.house import Holder
from simulator.http import decoding
from simulator.http.router import Served
from simulator.provider import Headers


def account(served: Served, holder: Holder | None, headers: Headers) -> Account | None:
    """The account that a request is performed for; None if it has none and needs none.

    Raises `Unauthenticated`, or what the provider has against a known key.
    """
    if holder is None or holder.key.is_revoked:
        if served.is_open:
            return None
        if holder is not None:
            raise Unauthenticated("revoked")
        credential = served.provider.credential(headers)
        if isinstance(credential, Unauthenticated):
            raise credential
        raise Unauthenticated("unknown" if served.provider.is_key(credential) else "malformed")
    admit = served.provider.admit
    if admit is not None and (refusal := admit(holder.key, holder.account, headers)):
        raise refusal
    return holder.account


async def count_call(holder: Holder, operation: Operation) -> None:
    """Count a call against its account's limits; raises `RateLimited`."""
    if holder.key.is_revoked:
        return
    tenant, account = holder.tenant, holder.account

    async def work(tx: Tx) -> None:
        await accounts.count_call(tx, account, operation.id, await tenant.time_in(tx))

    await tenant.transact(work)


def inputs(
    served: Served, path_values: Mapping[str, str], query_string: bytes, raw_body: bytes
) -> tuple[dict[str, Any], Any]:
    """The decoded query and body of a request; raises `Invalid` or `MalformedBody`."""
    operation, judge = served.operation, served.judge
    pairs = decoding.query_pairs(query_string)
    violations: tuple[Violation, ...] = ()
    if judge.path is not None:
        violations += judge.path.violations(dict(path_values), "path")
    query: dict[str, Any] = {}
    if judge.query is not None:
        query = decoding.decoded_query(served.query_reader, pairs)
        violations += judge.query.violations(query, "query")
    body: Any = None
    if operation.body is not None:
        body = _body(operation, operation.body, raw_body, pairs)
        if judge.body is not None and (body is not None or raw_body):
            violations += judge.body.violations(body, "body")
    if violations:
        raise Invalid(violations)
    return query, body


def place_of(error: Refusal) -> str:
    """The check that refuses with such an error."""
    if isinstance(error, UnknownPath):
        return "path"
    if isinstance(error, MethodNotAllowed):
        return "method"
    if isinstance(error, Unauthenticated | Forbidden):
        return "credential"
    if isinstance(error, RateLimited):
        return "rate-limit"
    return "body"


def _body(
    operation: Operation, declared: Body, raw_body: bytes, pairs: list[tuple[str, str]]
) -> Any:
    body: Any = None
    if raw_body:
        try:
            body = jsontext.loads(raw_body)
        except jsontext.NotJson as error:
            if operation.malformed_body == "refuse":
                raise MalformedBody(str(error)) from None
            body = {}
    elif declared.required or declared.schema.get("type") == "object":
        body = {}
    if operation.query_in_body and pairs:
        body = decoding.query_as_body(declared.schema, pairs, body)
    return body
