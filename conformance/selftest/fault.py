"""A fault: one way in which a provider is broken, as a function over one clean exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import orjson

from conformance import jsontext
from conformance.exchange import Exchange, Headers
from conformance.judge import Judge
from conformance.reading import Reading

Kind = Literal["hand", "reply", "status", "request", "operation", "journey"]
JSON_HEADERS: Headers = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answers; `body` as it goes over the wire."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    @classmethod
    def of(cls, exchange: Exchange) -> Reply:
        """Return the reply of an exchange."""
        return cls(exchange.status, exchange.reply_headers, exchange.reply_body)

    @property
    def value(self) -> Any:
        """The body as JSON, None if it is none."""
        return jsontext.read(self.body).value

    def header(self, name: str, value: str | None) -> Reply:
        """Return the reply with a header set, or without it."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    def raw(self, body: bytes, content_type: str | None = None) -> Reply:
        """Return the reply with other bytes, and another media type if one is given."""
        found = replace(self.header("content-length", None), body=body)
        return found if content_type is None else found.header("content-type", content_type)

    def json(self, value: Any) -> Reply:
        """Return the reply with another JSON document."""
        return self.raw(orjson.dumps(value))


@dataclass(slots=True)
class Memory:
    """What a broken server has at hand: replies that the clean target gave, and its own notes.

    `successes` and `refusals` (400 or 422) are one reply per operationId.
    """

    successes: Mapping[str, Reply] = field(default_factory=dict)
    refusals: Mapping[str, Reply] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


Change = Callable[[Reading, Memory], Reply | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `change` returns the broken reply to a clean exchange, None where it is right.

    `name` is unique within its provider, `operation` the operationId it is in ("" for the whole
    provider), `kind` says where it comes from: by hand, or from which part of the contract.
    `generated` names a rule on the generator's checks that the fault is meant for: it is then
    judged by that rule, with generated requests. `staged` makes a right
    reply for the fault to break where the recording has none. `dialects` are those in which it
    is a fault at all, empty for all.
    """

    name: str
    operation: str
    sentence: str
    change: Change = field(repr=False, compare=False)
    kind: Kind = "hand"
    generated: str = ""
    dialects: frozenset[str] = frozenset()
    staged: Callable[[Judge], Reply | None] | None = field(repr=False, compare=False, default=None)


def refusal(status: int, words: str = "Bad request") -> Reply:
    """Return a JSON error as a provider might say it."""
    return Reply(status, JSON_HEADERS, orjson.dumps({"error": words, "message": words}))
