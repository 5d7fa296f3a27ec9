"""The closed tree of refusals. They carry data; a provider's `errors.py` chooses status and words.

The snake-case `name` of each is how scenarios and the control plane speak of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec


class Violation(msgspec.Struct, frozen=True):
    """One way in which a request breaks its contract.

    `location` is `body`, `query`, `path` or `header`; `pointer` a JSON pointer into that part;
    `keyword` the JSON Schema keyword that failed; `expected` the keyword's value; `got` what stood
    there (`MISSING` if nothing did).
    """

    location: str
    pointer: str
    keyword: str
    message: str
    expected: Any = None
    got: Any = None

    @property
    def path(self) -> tuple[str, ...]:
        """The pointer's reference tokens, unescaped."""
        parts = self.pointer.split("/")[1:]
        return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


class Missing:
    """The absent value, which is not null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class Refusal(Exception):
    """A request that is refused as a provider would refuse it."""

    name: ClassVar[str] = "refusal"


class ClientLeft(Exception):
    """Nobody waits for the reply any more; no refusal, for there is nobody to refuse."""


@dataclass(eq=False)
class Unauthenticated(Refusal):
    """No acceptable credential.

    `reason`: `missing`, `conflict` (two where one is allowed), `malformed` (not the form of a
    credential), `unknown` (well-formed, but nobody's), `revoked`, `unverifiable` (a session token
    that does not verify).
    """

    reason: str = "missing"
    name: ClassVar[str] = "unauthenticated"


@dataclass(eq=False)
class Forbidden(Refusal):
    """A known account that may not do this; `reason` is a provider's own snake-case word."""

    reason: str = "forbidden"
    name: ClassVar[str] = "forbidden"


@dataclass(eq=False)
class MalformedBody(Refusal):
    """A body that is no JSON text."""

    detail: str = ""
    name: ClassVar[str] = "malformed_body"


@dataclass(eq=False)
class Invalid(Refusal):
    """A request that breaks its contract; violations stand in the contract's own order."""

    violations: tuple[Violation, ...] = ()
    name: ClassVar[str] = "invalid"


@dataclass(eq=False)
class RuleBroken(Refusal):
    """A schema-valid request that breaks a business rule.

    `rule` names it in snake case (`duration_not_offered`); `pointer` says where in the body, or in
    another `location`; `value` is what stood there, `allowed` what may, `data` anything else the
    wording needs.
    """

    rule: str = "rule"
    pointer: str = ""
    value: Any = None
    allowed: tuple[Any, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    location: str = "body"
    name: ClassVar[str] = "rule_broken"

    def as_violation(self) -> Violation:
        """The same refusal in the form the diagnostic header shows."""
        allowed = f"; allowed: {', '.join(map(str, self.allowed))}" if self.allowed else ""
        message = f"business rule {self.rule}{allowed}"
        return Violation(
            self.location, self.pointer, self.rule, message, list(self.allowed), self.value
        )


@dataclass(eq=False)
class RunNotFound(Refusal):
    """No run has this id in the tenant."""

    run_id: str = ""
    name: ClassVar[str] = "run_not_found"


@dataclass(eq=False)
class RunForeign(Refusal):
    """The run belongs to another account."""

    run_id: str = ""
    name: ClassVar[str] = "run_foreign"


@dataclass(eq=False)
class NotFound(Refusal):
    """Something else than a run is not there; `kind` is a snake-case noun."""

    kind: str = "record"
    id: str = ""
    name: ClassVar[str] = "not_found"


@dataclass(eq=False)
class ModelNotFound(Refusal):
    """The model named in the request is not offered."""

    model: str = ""
    name: ClassVar[str] = "model_not_found"


@dataclass(eq=False)
class InsufficientCredits(Refusal):
    """The account cannot pay for this call; amounts in nanos."""

    needed_nanos: int = 0
    available_nanos: int = 0
    name: ClassVar[str] = "insufficient_credits"


@dataclass(eq=False)
class RateLimited(Refusal):
    """Too many calls; `limit` is the name of the limit, `count` its size, the wait in ms."""

    limit: str = "rate"
    retry_after_ms: int = 1000
    count: int = 0
    name: ClassVar[str] = "rate_limited"


@dataclass(eq=False)
class ContentPolicy(Refusal):
    """The provider's content policy refuses the request; `word` is what it found, if known."""

    word: str = ""
    name: ClassVar[str] = "content_policy"


@dataclass(eq=False)
class UpstreamFailed(Refusal):
    """Something behind the provider failed; `reason` is a snake-case word, `message` its text."""

    reason: str = "error"
    message: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    name: ClassVar[str] = "upstream_failed"


@dataclass(eq=False)
class ServerError(Refusal):
    """The provider itself fails."""

    detail: str = ""
    name: ClassVar[str] = "server_error"


@dataclass(eq=False)
class Unavailable(Refusal):
    """The provider is overloaded or down for a while."""

    retry_after_ms: int = 1000
    name: ClassVar[str] = "unavailable"


@dataclass(eq=False)
class TooLarge(Refusal):
    """A body, or a part of it at `pointer`, is over its bound."""

    limit_bytes: int = 0
    pointer: str = ""
    name: ClassVar[str] = "too_large"


@dataclass(eq=False)
class InputUnreachable(Refusal):
    """A file that the request names at `pointer` cannot be had; `reason` is a snake-case word."""

    pointer: str = ""
    reason: str = "unreachable"
    name: ClassVar[str] = "input_unreachable"


@dataclass(eq=False)
class UnknownPath(Refusal):
    """No operation has this path."""

    path: str = ""
    name: ClassVar[str] = "unknown_path"


@dataclass(eq=False)
class MethodNotAllowed(Refusal):
    """The path exists, the method does not; `allowed` as in an `Allow` header."""

    method: str = ""
    allowed: tuple[str, ...] = ()
    name: ClassVar[str] = "method_not_allowed"


REFUSALS: Mapping[str, type[Refusal]] = {
    refusal.name: refusal
    for refusal in (
        Unauthenticated,
        Forbidden,
        MalformedBody,
        Invalid,
        RuleBroken,
        RunNotFound,
        RunForeign,
        NotFound,
        ModelNotFound,
        InsufficientCredits,
        RateLimited,
        ContentPolicy,
        UpstreamFailed,
        ServerError,
        Unavailable,
        TooLarge,
        InputUnreachable,
        UnknownPath,
        MethodNotAllowed,
    )
}
