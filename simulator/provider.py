"""The socket: what a provider folder plugs in, and what its handlers are given.

A provider is data and pure functions; only its handlers are asynchronous. Nothing here knows one.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from contracts import Operation
from simulator.core.accounts import Account, Concurrency, Key, Limit
from simulator.core.desk import Desk
from simulator.core.errors import (
    InputUnreachable,
    Invalid,
    MalformedBody,
    Refusal,
    RuleBroken,
    TooLarge,
    Unauthenticated,
    Violation,
)
from simulator.core.ids import Shape
from simulator.core.runs import Run, Status
from simulator.core.store import Tx
from simulator.core.webhooks import Event, Subscription

Headers = Mapping[str, str]
"""Request headers by lower-case name; repeated ones joined with `, `."""


class Call(msgspec.Struct, frozen=True, gc=False):
    """A request that passed its contract.

    `body` has the contract's defaults filled in, `given_body` is what was sent (both None without
    a body; both are shared, never change them). `query` and `path` hold decoded values, defaults
    filled in for the query.
    """

    operation: Operation
    headers: Headers
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    given_body: Any
    dialect: str
    switches: Mapping[str, str]


class Reply(msgspec.Struct, frozen=True, gc=False):
    """An answer before encoding; `body` None is an empty body.

    A body of `bytes` goes out as it is, and `headers` must then say its content type; anything
    else goes out as JSON.
    """

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


class Refused(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A refusal with what its wording may depend on; `operation` None outside the contract."""

    error: Refusal
    operation: Operation | None
    dialect: str
    switches: Mapping[str, str]
    method: str
    path: str
    account: Account | None = None


Handler = Callable[[Call, Desk], Awaitable[Reply]]


class Switch(msgspec.Struct, frozen=True):
    """A choice where sources disagree: its values, the default first, and what it decides."""

    choices: tuple[str, ...]
    about: str


class Hosting(msgspec.Struct, frozen=True):
    """How a vendor's storage serves made files.

    lifetime_ms: how long links are good after the run's end, 0 for ever. is_open: whether pages of
    other origins may read them (CORS).
    """

    lifetime_ms: int = 0
    is_open: bool = True


class Unit(msgspec.Struct, frozen=True):
    """What a vendor counts credits in: its name, and how many nanos one is."""

    name: str
    nanos: int


class Settlement(msgspec.Struct, frozen=True):
    """What a provider needs to furnish a new tenant; `account_ids` in the order of the keys."""

    tenant: str
    seed: str
    now_ms: int
    account_ids: tuple[str, str]


class Told(msgspec.Struct, frozen=True, eq=False):
    """An event of a run that a vendor's own callback tells of; `at_ms` is the event's date.

    `secret` is what the callback proves itself with (a scenario may want a wrong one).
    """

    event: Event
    run: Run
    status: Status
    at_ms: int
    asset_url: Callable[[Run, int, str], str]
    subscription: Subscription
    secret: str
    switches: Mapping[str, str]


class Callback(msgspec.Struct, frozen=True, eq=False):
    """A vendor's own webhook, which is bound to an API key.

    operations: of whose runs it tells. events: which ones, given the switches. is_retried: whether
    it is attempted again. write: the request's body and headers; its status is ignored.
    """

    operations: Callable[[], frozenset[str]]
    events: Callable[[Mapping[str, str]], tuple[Event, ...]]
    is_retried: Callable[[Mapping[str, str]], bool]
    write: Callable[[Told], Reply]


class Provider(msgspec.Struct, frozen=True, eq=False):
    """One vendor's API.

    name: folder and contract name. title: as people write it. operations: the ids of those that
    have a handler. handlers: theirs, by id; asked when one is called for the first time. refuse:
    the total table from a refusal to a reply. credential: the key in the headers, or why there is
    none. is_key: whether a text has the form of this vendor's keys. new_key: a key of that form.
    demo_keys: the default tenant's, first account first. demo_account_ids: theirs. account_id:
    shape of other accounts' ids. opening_nanos: a new account's balance. furnish: puts the
    provider's own records into a new tenant. limits: the vendor's rate limits. concurrency: how
    many runs the vendor lets an account have at once before it refuses more. content_type: of
    JSON replies. headers: sent with every reply (CORS). handled_headers: sent with every reply of
    a known operation, refusals included, but not with 405. preflight: the reply to OPTIONS; None
    if it is a method like any other. head_follows_get: HEAD works wherever GET does.
    slash_redirects: a trailing slash answers 308. admit: a last word on a known key (origin, day's
    cap). switches: choices where sources disagree. formats: checks for string formats beyond JSON
    Schema's own. prefixes: undeclared paths under these are this provider's 404. environment: the
    variables its clients read, with `{url}` and `{key}` to fill in. hosting: of made files.
    unit: of the accounts. callback: the vendor's own webhook, if it has one.
    """

    name: str
    title: str
    operations: frozenset[str]
    handlers: Callable[[], Mapping[str, Handler]]
    refuse: Callable[[Refused], Reply]
    credential: Callable[[Headers], str | Unauthenticated]
    is_key: Callable[[str], bool]
    new_key: Callable[[bytes], str]
    demo_keys: tuple[str, str]
    demo_account_ids: tuple[str, str]
    account_id: Shape
    opening_nanos: int
    furnish: Callable[[Tx, Settlement], Awaitable[None]] | None = None
    limits: tuple[Limit, ...] = ()
    concurrency: tuple[Concurrency, ...] = ()
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    handled_headers: tuple[tuple[str, str], ...] = ()
    preflight: Callable[[Operation | None, Headers], Reply] | None = None
    head_follows_get: bool = True
    slash_redirects: bool = False
    admit: Callable[[Key, Account, Headers], Refusal | None] | None = None
    switches: Mapping[str, Switch] = {}
    formats: Mapping[str, Callable[[str], bool]] = {}
    prefixes: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    hosting: Hosting = Hosting()
    unit: Unit = Unit("USD", 1_000_000_000)
    callback: Callback | None = None


def retry_after(wait_ms: int) -> tuple[tuple[str, str], ...]:
    """The header that says how long to wait: whole seconds, at least one (RFC 9110, 10.2.3)."""
    return (("retry-after", str(max(1, -(-wait_ms // 1000)))),)


def violations_of(error: Refusal) -> tuple[Violation, ...]:
    """What the diagnostic header shows of a refusal."""
    if isinstance(error, Invalid):
        return error.violations
    if isinstance(error, RuleBroken):
        return (error.as_violation(),)
    if isinstance(error, MalformedBody):
        return (Violation("body", "", "json", f"no JSON text: {error.detail}"),)
    if isinstance(error, InputUnreachable):
        message = f"the file that this names was not to be had: {error.reason}"
        return (Violation("body", error.pointer, "fetch", message, None, error.reason),)
    if isinstance(error, TooLarge):
        message = f"larger than {error.limit_bytes} bytes"
        return (Violation("body", error.pointer, "size", message, error.limit_bytes),)
    return ()
