"""The closed tree of refusals. They carry data; a provider's `errors.py` chooses status and words.

The snake-case `name` of each is how scenarios and the control plane speak of it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, dataclass_transform

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


_NO_DATA: Mapping[str, Any] = {}


@dataclass_transform(eq_default=False)
class Refusal(Exception):
    """A request that is refused as a provider would refuse it.

    Each kind is a record of its annotated members, all with a default, like a dataclass; it is
    none because making twenty of those takes as long as importing three of our modules.
    """

    name: ClassVar[str] = "refusal"
    members: ClassVar[Mapping[str, Any]] = {}
    """The type of each member by name, in order."""

    def __init_subclass__(cls) -> None:
        annotated = cls.__annotations__.items()
        cls.members = {name: kind for name, kind in annotated if name != "name"}

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__()
        given = dict(zip(self.members, values, strict=False)) | named
        if len(given) < len(values) + len(named) or not given.keys() <= self.members.keys():
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.members)}")
        self.__dict__.update(given)

    def __repr__(self) -> str:
        told = ", ".join(f"{member}={getattr(self, member)!r}" for member in self.members)
        return f"{type(self).__name__}({told})"

    def __str__(self) -> str:
        return repr(self)


class ClientLeft(Exception):
    """Nobody waits for the reply any more; no refusal, for there is nobody to refuse."""


class Unauthenticated(Refusal):
    """No acceptable credential.

    `reason`: `missing`, `conflict` (two where one is allowed), `malformed` (not the form of a
    credential), `unknown` (well-formed, but nobody's), `revoked`, `unverifiable` (a session token
    that does not verify).
    """

    reason: str = "missing"
    name: ClassVar[str] = "unauthenticated"


class Forbidden(Refusal):
    """A known account that may not do this; `reason` is a provider's own snake-case word."""

    reason: str = "forbidden"
    name: ClassVar[str] = "forbidden"


class MalformedBody(Refusal):
    """A body that is no JSON text."""

    detail: str = ""
    name: ClassVar[str] = "malformed_body"


class Invalid(Refusal):
    """A request that breaks its contract; violations stand in the contract's own order."""

    violations: tuple[Violation, ...] = ()
    name: ClassVar[str] = "invalid"


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
    data: Mapping[str, Any] = _NO_DATA
    location: str = "body"
    name: ClassVar[str] = "rule_broken"

    def as_violation(self) -> Violation:
        """The same refusal in the form the diagnostic header shows."""
        allowed = f"; allowed: {', '.join(map(str, self.allowed))}" if self.allowed else ""
        message = f"business rule {self.rule}{allowed}"
        return Violation(
            self.location, self.pointer, self.rule, message, list(self.allowed), self.value
        )


class RunNotFound(Refusal):
    """No run has this id in the tenant."""

    run_id: str = ""
    name: ClassVar[str] = "run_not_found"


class RunForeign(Refusal):
    """The run belongs to another account."""

    run_id: str = ""
    name: ClassVar[str] = "run_foreign"


class NotFound(Refusal):
    """Something else than a run is not there; `kind` is a snake-case noun."""

    kind: str = "record"
    id: str = ""
    name: ClassVar[str] = "not_found"


class ModelNotFound(Refusal):
    """The model named in the request is not offered."""

    model: str = ""
    name: ClassVar[str] = "model_not_found"


class InsufficientCredits(Refusal):
    """The account cannot pay for this call; amounts in nanos."""

    needed_nanos: int = 0
    available_nanos: int = 0
    name: ClassVar[str] = "insufficient_credits"


class RateLimited(Refusal):
    """Too many calls; `limit` is the name of the limit, `count` its size, the wait in ms."""

    limit: str = "rate"
    retry_after_ms: int = 1000
    count: int = 0
    name: ClassVar[str] = "rate_limited"


class ContentPolicy(Refusal):
    """The provider's content policy refuses the request; `word` is what it found, if known."""

    word: str = ""
    name: ClassVar[str] = "content_policy"


class UpstreamFailed(Refusal):
    """Something behind the provider failed; `reason` is a snake-case word, `message` its text."""

    reason: str = "error"
    message: str = ""
    data: Mapping[str, Any] = _NO_DATA
    name: ClassVar[str] = "upstream_failed"


class ServerError(Refusal):
    """The provider itself fails."""

    detail: str = ""
    name: ClassVar[str] = "server_error"


class Unavailable(Refusal):
    """The provider is overloaded or down for a while."""

    retry_after_ms: int = 1000
    name: ClassVar[str] = "unavailable"


class TooLarge(Refusal):
    """A body, or a part of it at `pointer`, is over its bound."""

    limit_bytes: int = 0
    pointer: str = ""
    name: ClassVar[str] = "too_large"


class InputUnreachable(Refusal):
    """A file that the request names at `pointer` cannot be had; `reason` is a snake-case word."""

    pointer: str = ""
    reason: str = "unreachable"
    name: ClassVar[str] = "input_unreachable"


class UnknownPath(Refusal):
    """No operation has this path."""

    path: str = ""
    name: ClassVar[str] = "unknown_path"


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
