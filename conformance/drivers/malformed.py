"""Raw bodies and queries that no generator sends; what must be refused costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance import inputs
from conformance.drivers.requests import right
from conformance.model import Tier
from conformance.probe import Probe, json_body
from conformance.setting import Setting
from contracts import Operation

NAME: Final = "malformed"
_BIG: Final = 10 * 1024 * 1024


def probes(setting: Setting) -> Iterator[Probe]:
    """Yield raw bodies for operations that take one, odd queries for those that take parameters."""
    for operation in setting.chosen():
        if operation.body is not None:
            yield from _bodies(setting, operation)
        elif operation.method == "GET":
            yield from _queries(setting, operation)


def broken_texts() -> dict[str, bytes]:
    """Return bodies that are no JSON document, by what is wrong with them."""
    return {
        "cut-off": b'{"prompt": "a',
        "trailing-comma": b'{"prompt": "a",}',
        "two-documents": b"{} {}",
        "nan": b'{"prompt": NaN}',
        "no-json": b"prompt=a",
        "invalid-utf8": b'{"prompt": "\xff\xfe"}',
        "single-quotes": b"{'prompt': 'a'}",
    }


def odd_documents(base: Any) -> dict[str, bytes]:
    """Return JSON documents that are no sensible body, by name."""
    deep = b"[" * 2000 + b"]" * 2000
    valid = json_body(base if isinstance(base, dict) else {})
    opened = valid[:-1] + (b"," if len(valid) > 2 else b"")
    return {
        "null": b"null",
        "array": b"[]",
        "text": b'"text"',
        "number": b"5",
        "deep": opened + b'"x-deep":' + deep + b"}",
        "surrogate": opened + b'"x-text":"\\ud800"}',
        "duplicate": opened + b'"x-twice":1,"x-twice":2}',
    }


def _bodies(setting: Setting, operation: Operation) -> Iterator[Probe]:
    writes = setting.is_creation(operation)
    texts = {**broken_texts(), **odd_documents(inputs.example_body(operation, setting.profile))}
    for name, body in texts.items():
        probe = _call(setting, operation, name, body)
        refusable = setting.read(probe).is_invalid
        yield _call(
            setting, operation, name, body,
            tier=Tier.FREE if not writes else Tier.VALIDATION if refusable else Tier.FUZZ,
        )  # fmt: skip
    valid = json_body(inputs.example_body(operation, setting.profile))
    yield _call(setting, operation, "empty", b"", tier=Tier.FUZZ)
    plain = (("content-type", "text/plain"),)
    yield _call(setting, operation, "content-type", valid, headers=plain, tier=Tier.FUZZ)
    if operation is _first_with_body(setting):
        huge = valid[:-1] + b',"x-huge":"' + b"a" * _BIG + b'"}'
        yield _call(setting, operation, "huge", huge, tier=Tier.FUZZ)


def _first_with_body(setting: Setting) -> Operation | None:
    return next((each for each in setting.chosen() if each.body is not None), None)


def _call(setting: Setting, operation: Operation, name: str, body: bytes, **changes: Any) -> Probe:
    return right(setting, operation, NAME, f"{NAME}.{name}", body=body, subject=name, **changes)


def _queries(setting: Setting, operation: Operation) -> Iterator[Probe]:
    names = [each.name for each in operation.parameters if each.location == "query"]
    name = names[0] if names else "x"
    call = right(setting, operation, NAME, "")
    for word, raw in {"bad-escape": "%ff%fe", "nul": "%00", "long": "a" * 4000}.items():
        query = {key: value for key, value in call.query.items() if key != name}
        path = f"{call.path}?{name}={raw}"
        yield right(
            setting, operation, NAME, f"{NAME}.query-{word}", path=path, query=query, subject=word
        )
