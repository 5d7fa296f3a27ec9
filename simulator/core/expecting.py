"""What an exchange is expected to be, and in what one differs: pure, field by field.

An expectation is decomposed into checks, so that a near miss can say how near it is.
"""

import fnmatch
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from simulator.core import jsontext
from simulator.core.journal import Exchange
from simulator.core.matching import equals, found, holds
from simulator.core.scenarios import Field

STATUS = r"[1-5][0-9][0-9]|[1-5]xx|(?:<=|>=|<|>)[1-5][0-9][0-9]"
"""How a status is asked for: `200`, `4xx`, `>=400`."""

_NOTHING: Any = object()
_VALUES_SHOWN = 10
_STATUS_PARTS = re.compile(r"(<=|>=|<|>)?([1-5])([0-9]{2}|xx)")


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """Which exchanges are meant; what is empty is not asked.

    `path`, `operation`, and the values of `headers` and `query` may have the wildcards `*`, `?`
    and `[…]`; None as such a value wants it absent. `status` is as `STATUS` has it. `text` stands
    in either body. `body` is a part of the request's: objects may have more members than it tells.
    `fields` are conditions on that body.
    """

    provider: str = ""
    operation: str = ""
    method: str = ""
    path: str = ""
    account: str = ""
    status: str = ""
    error: str = ""
    scenario: str = ""
    text: str = ""
    query: Mapping[str, str | None] = {}
    headers: Mapping[str, str | None] = {}
    body: Any = msgspec.UNSET
    fields: tuple[Field, ...] = ()


class Difference(msgspec.Struct, frozen=True):
    """One thing that an exchange has otherwise: where, what was expected and what there is.

    `where` is a field's name, `headers/<name>`, `query/<name>`, or `body` and a JSON pointer; of a
    condition it is `body` and the JSONPath. `is_missing` tells nothing from null.
    """

    where: str
    expected: Any
    got: Any = None
    is_missing: bool = False


def is_met(expected: Expected, exchange: Exchange) -> bool:
    """Whether an exchange is as expected; it is looked at no longer than needed."""
    return all(item is None for item in _checks(expected, exchange))


def compared(expected: Expected, exchange: Exchange) -> tuple[float, list[Difference]]:
    """The share of what was expected that an exchange has, from 0 to 1, and the differences."""
    checks = list(_checks(expected, exchange))
    differences = [item for item in checks if item is not None]
    score = 1 - len(differences) / len(checks) if checks else 1.0
    return score, differences


def at_pointer(exchange: Exchange, location: str, path: tuple[str, ...]) -> tuple[bool, Any]:
    """Whether there is anything at a place of a request, and what; looks into query and body."""
    value: Any = _NOTHING
    if location == "query":
        pairs = parse_qsl(exchange.query, keep_blank_values=True)
        value = {name: [text for key, text in pairs if key == name] for name, _ in pairs}
        value = {name: texts[0] if len(texts) == 1 else texts for name, texts in value.items()}
    elif location == "body":
        value = _body(exchange.request_body)
    if value is _NOTHING:
        return False, None
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part[:9]) < len(value):
            value = value[int(part[:9])]
        else:
            return False, None
    return True, value


def told(expected: Expected) -> str:
    """An expectation in words, on one line."""
    parts = [f"{name} {getattr(expected, name)}" for name in _PLAIN if getattr(expected, name)]
    parts += [f"status {expected.status}"] if expected.status else []
    parts += [f"text {expected.text!r}"] if expected.text else []
    for place, wanted in (("query", expected.query), ("header", expected.headers)):
        parts += [f"{place} {name}={_value(value)}" for name, value in wanted.items()]
    if expected.body is not msgspec.UNSET:
        parts.append(f"body {_value(expected.body)}")
    parts += [
        f"{item.place} {item.path} {item.comparison} {_value(item.value)}"
        for item in expected.fields
    ]
    return ", ".join(parts) or "any exchange"


_PLAIN = ("provider", "operation", "method", "path", "account", "error", "scenario")


def _checks(expected: Expected, exchange: Exchange) -> Iterator[Difference | None]:
    """One item a check: None if it holds. What is cheap to look at comes first."""
    yield from _plain_checks(expected, exchange)
    if expected.status:
        is_fine = _status_fits(expected.status, exchange.status)
        yield None if is_fine else Difference("status", expected.status, exchange.status)
    if expected.query:
        pairs = parse_qsl(exchange.query, keep_blank_values=True)
        yield from _named("query", expected.query, pairs)
    if expected.headers:
        sent = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in exchange.request_headers
        ]
        wanted = {name.lower(): value for name, value in expected.headers.items()}
        yield from _named("headers", wanted, sent)
    if expected.text:
        wanted_bytes = expected.text.encode("utf-8", "surrogatepass")
        is_there = wanted_bytes in exchange.request_body or wanted_bytes in exchange.reply_body
        yield None if is_there else Difference("text", expected.text, is_missing=True)
    if expected.body is not msgspec.UNSET or expected.fields:
        yield from _body_checks(expected, exchange)


def _plain_checks(expected: Expected, exchange: Exchange) -> Iterator[Difference | None]:
    there = {
        "provider": exchange.provider,
        "operation": exchange.operation,
        "method": exchange.method,
        "path": exchange.path,
        "account": exchange.account_id,
        "error": exchange.error,
        "scenario": exchange.scenario,
    }
    for name, got in there.items():
        if wanted := getattr(expected, name):
            is_fine = got == wanted or (name in ("path", "operation") and _alike(wanted, got))
            yield None if is_fine else Difference(name, wanted, got or None, not got)


def _named(
    place: str, wanted: Mapping[str, str | None], pairs: list[tuple[str, str]]
) -> Iterator[Difference | None]:
    for name, value in wanted.items():
        values = [got for key, got in pairs if key == name]
        where = f"{place}/{name}"
        if value is None:
            yield Difference(where, None, values[0]) if values else None
        elif not values:
            yield Difference(where, value, is_missing=True)
        else:
            is_fine = any(_alike(value, got) for got in values)
            yield None if is_fine else Difference(where, value, values[0])


def _body_checks(expected: Expected, exchange: Exchange) -> Iterator[Difference | None]:
    kept = exchange.request_body
    if len(kept) < exchange.request_size:
        got = f"only the first {len(kept)} of {exchange.request_size} bytes are kept"
        wanted = None if expected.body is msgspec.UNSET else expected.body
        yield Difference("body", wanted, got)
        return
    body = _body(kept)
    if expected.body is not msgspec.UNSET:
        yield from _parts("body", expected.body, body)
    for field in expected.fields:
        is_fine = holds(field, body)
        wanted = {field.comparison: field.value}
        yield (
            None
            if is_fine
            else Difference(f"body {field.path}", wanted, *_found_at(field.path, body))
        )


def _found_at(path: str, body: Any) -> tuple[Any, bool]:
    """What stands at a JSONPath, in a list if there are more; and whether there is nothing."""
    values = [] if body is _NOTHING else found(path, body)
    if not values:
        return None, True
    return (values[0] if len(values) == 1 else values[:_VALUES_SHOWN]), False


def _body(kept: bytes) -> Any:
    """A body as JSON, else as text."""
    if not kept:
        return _NOTHING
    try:
        return jsontext.loads(kept)
    except jsontext.NotJson:
        return kept.decode("utf-8", "replace")


def _parts(where: str, wanted: Any, got: Any) -> Iterator[Difference | None]:
    """The checks of a JSON value: one for each leaf of what is wanted."""
    if isinstance(wanted, dict) and wanted and isinstance(got, dict):
        for name, value in wanted.items():
            yield from _parts(_below(where, name), value, got.get(name, _NOTHING))
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        yield None
        for number, value in enumerate(wanted):
            yield from _parts(f"{where}/{number}", value, got[number])
    elif isinstance(wanted, dict) and not wanted and isinstance(got, dict):
        yield None
    elif isinstance(wanted, dict | list) or not equals(got, wanted):
        yield Difference(where, wanted, *_shown(got))
    else:
        yield None


def _shown(got: Any) -> tuple[Any, bool]:
    return (None, True) if got is _NOTHING else (got, False)


def _below(where: str, name: str) -> str:
    return f"{where}/{name.replace('~', '~0').replace('/', '~1')}"


def _value(value: Any) -> str:
    text = jsontext.dumps(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}…"


def _status_fits(wanted: str, status: int) -> bool:
    parts = _STATUS_PARTS.fullmatch(wanted)
    if parts is None:
        return False
    sign, hundreds, rest = parts.groups()
    if rest == "xx":
        return status // 100 == int(hundreds)
    number = int(hundreds + rest)
    return {
        None: status == number,
        "<": status < number,
        "<=": status <= number,
        ">": status > number,
        ">=": status >= number,
    }[sign]


def _alike(wanted: str, got: str) -> bool:
    """Whether a text is the wanted one or fits it as a pattern."""
    return got == wanted or _pattern(wanted).match(got) is not None


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(text))
