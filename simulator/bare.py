"""A provider that is a contract and nothing else: what answers before anybody writes Python.

Keys go where the contract's security schemes say; refusals are plain `{"error": …}` bodies.
"""

from collections.abc import Mapping

from contracts import Contract
from simulator.core import ids
from simulator.core.errors import (
    Forbidden,
    InsufficientCredits,
    Invalid,
    MalformedBody,
    MethodNotAllowed,
    Refusal,
    TooLarge,
    Unauthenticated,
)
from simulator.provider import Handler, Headers, Provider, Refused, Reply

_OPENING_NANOS = 100 * 10**9
_STATUS: Mapping[type[Refusal], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    InsufficientCredits: 402,
    Invalid: 400,
    MalformedBody: 400,
    MethodNotAllowed: 405,
    TooLarge: 413,
}


def provider_of(contract: Contract) -> Provider:
    """Make the provider of a contract: no handlers, so every operation is answered from it."""
    name = contract.name
    schemes = tuple(contract.document.get("components", {}).get("securitySchemes", {}).values())

    def credential(headers: Headers) -> str | Unauthenticated:
        for scheme in schemes:
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                if key := headers.get(scheme["name"].lower(), ""):
                    return key
            elif scheme.get("type") == "http":
                kind, _, token = headers.get("authorization", "").partition(" ")
                if kind.lower() == "bearer" and token:
                    return token
        return Unauthenticated("missing")

    return Provider(
        name=name,
        title=str(contract.document.get("info", {}).get("title") or name),
        operations=frozenset(),
        handlers=_no_handlers,
        refuse=_refuse,
        credential=credential,
        is_key=lambda key: key.startswith(f"{name}-key-"),
        new_key=lambda source: f"{name}-key-{ids.base36_text(source, 24)}",
        demo_keys=(f"{name}-key-first", f"{name}-key-second"),
        demo_account_ids=(f"{name}-first", f"{name}-second"),
        account_id=lambda source, _now_ms: f"{name}-{ids.base36_text(source, 12)}",
        opening_nanos=_OPENING_NANOS,
        prefixes=(contract.base_path,) if contract.base_path else (),
        environment={f"{name.upper()}_API_KEY": "{key}", f"{name.upper()}_BASE_URL": "{url}"},
    )


def _no_handlers() -> Mapping[str, Handler]:
    return {}


def _refuse(refused: Refused) -> Reply:
    status = _STATUS.get(type(refused.error), 404)
    return Reply(status, {"error": refused.error.name})
