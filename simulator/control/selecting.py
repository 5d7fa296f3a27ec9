"""Which exchanges a request to the control plane means: what its query or its body asks for."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from simulator.control.reading import Declined, Violation, pointer_to
from simulator.core import expecting, jsontext, matching
from simulator.core.expecting import Expected
from simulator.core.journal import Exchange
from simulator.core.patterns import pattern
from simulator.core.scenarios import Comparison, Field
from simulator.core.tenant import Tenant

_PLAIN = ("provider", "operation", "method", "path", "account", "error", "scenario", "text")
_NUMBER = (int, float)
_COMPARISONS: Mapping[Comparison, tuple[Any, str]] = {
    "is": (object, "a value"),
    "in": (list, "a list of values"),
    "contains": (object, "a value"),
    "matches": (str, "a regular expression"),
    "exists": (bool, "true or false"),
    "min": (_NUMBER, "a number"),
    "max": (_NUMBER, "a number"),
}
_ID = re.compile(r"(.+)\.([0-9]{1,18})", re.ASCII)


def filter_of(query: Mapping[str, Any]) -> Expected:
    """What a query of the journal asks for; what it leaves out is not asked."""
    plain = {name: query[name] for name in (*_PLAIN, "status") if query[name] is not None}
    return Expected(**plain)


def selected(tenant: Tenant, query: Mapping[str, Any]) -> list[Exchange]:
    """The exchanges of a tenant that a query asks for, oldest first."""
    wanted = filter_of(query)
    exchanges = list(tenant.journal)
    if query["since"] is not None:
        is_later = since(tenant, query["since"], "query")
        exchanges = [item for item in exchanges if is_later(item)]
    if wanted != Expected():
        exchanges = [item for item in exchanges if expecting.is_met(wanted, item)]
    limit = query["limit"]
    return exchanges if limit is None else exchanges[max(0, len(exchanges) - limit) :]


def since(tenant: Tenant, text: str, location: str) -> Callable[[Exchange], bool]:
    """Whether an exchange came after the one with an id, or not before a time.

    Raises `Declined` for a text that is neither.
    """
    numbered = number_of(tenant, text)
    if numbered is not None:
        return lambda exchange: (number_of(tenant, exchange.id) or 0) > numbered
    try:
        at = datetime.fromisoformat(text)
        at_ms = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000
    except (ValueError, OverflowError):
        message = f"is no id of an exchange of {tenant.name!r}, and no time in ISO 8601"
        told = Violation(location, "/since", message)
        raise Declined(400, f"{location}/since: {message}: {text[:100]!r}", told) from None
    return lambda exchange: exchange.started_at_ms >= at_ms


def number_of(tenant: Tenant, exchange_id: str) -> int | None:
    """The number in the id of an exchange of a tenant, None if it is no such id."""
    found = _ID.fullmatch(exchange_id)
    return int(found[2]) if found is not None and found[1] == tenant.name else None


def tenant_name(exchange_id: str) -> str | None:
    """The tenant in an exchange's id, None if it is no such id."""
    found = _ID.fullmatch(exchange_id)
    return None if found is None else found[1]


def expected_of(asked: Mapping[str, Any], pointer: str) -> Expected:
    """An expectation as a body tells it at a JSON pointer; raises `Declined`."""
    plain = {name: asked[name] for name in _PLAIN if name in asked}
    return Expected(
        **plain,
        status=str(asked.get("status", "")),
        query=_texts(asked.get("query", {})),
        headers=_texts(asked.get("headers", {})),
        body=asked.get("body", msgspec.UNSET),
        fields=tuple(
            field
            for path, wanted in asked.get("where", {}).items()
            for field in _conditions(path, wanted, f"{pointer}/where{pointer_to([path])}")
        ),
    )


def _texts(asked: Mapping[str, Any]) -> dict[str, str | None]:
    """Values as they stand in a query or a header: `true`, `5`."""
    return {
        name: value if value is None or isinstance(value, str) else jsontext.dumps(value).decode()
        for name, value in asked.items()
    }


def _conditions(path: str, wanted: Any, pointer: str) -> Iterator[Field]:
    """The conditions on what a JSONPath finds: a value is what it must be."""
    try:
        matching.check_path(path)
    except ValueError as error:
        raise _wrong(pointer, f"no JSONPath: {error}") from None
    if not isinstance(wanted, dict) or not wanted.keys() & _COMPARISONS.keys():
        yield Field("body", path, "is", wanted)
        return
    for name, value in wanted.items():
        if name not in _COMPARISONS:
            raise _wrong(f"{pointer}/{name}", f"is none of {', '.join(_COMPARISONS)}")
        kinds, told = _COMPARISONS[name]
        is_flag = isinstance(value, bool)
        if not isinstance(value, kinds) or (is_flag and kinds in (_NUMBER, str)):
            raise _wrong(f"{pointer}/{name}", f"is {told}")
        if name == "matches":
            _check_pattern(value, f"{pointer}/{name}")
        yield Field("body", path, name, value)


def _check_pattern(text: str, pointer: str) -> None:
    try:
        pattern(text)
    except ValueError as error:
        raise _wrong(pointer, f"no regular expression: {error}") from None


def _wrong(pointer: str, message: str) -> Declined:
    return Declined(400, f"body{pointer}: {message}", Violation("body", pointer, message))
