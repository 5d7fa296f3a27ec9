"""Whatever is sent: no undeclared server error, one JSON document, nothing of the inside shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.drivers import malformed
from conformance.evidence import Evidence, broken, check
from conformance.model import Case, Finding, Level, Tier
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.setting import Setting
from contracts import Operation

AREA: Final = "errors"
_DRIVERS: Final = (
    "malformed",
    "validation",
    "credentials",
    "methods",
    "positive",
    "generator",
    "lifecycle",
)
SLOW_MS: Final = 2000.0
# Repetitions are bounded: a hostile body must not make the judge slow.
_LEAKS: Final = {
    "a Python traceback": re.compile(rb'Traceback \(most recent call|File "[^"]{1,300}", line \d'),
    "a JavaScript stack": re.compile(
        rb"\sat [\w.$<>\[\] ]{1,100} \((?:file://|node:|/|[A-Z]:\\)[^)]{1,300}:\d"
    ),
    "a Java stack": re.compile(
        rb"\sat [\w.$]{1,200}\(\w{1,100}\.java:\d+\)|java\.lang\.\w{1,60}(?:Error|Exception)"
    ),
    "a Go panic": re.compile(rb"goroutine \d+ \[|panic: runtime error"),
    "a Ruby or PHP stack": re.compile(rb"\.rb:\d+:in `|on line <b>\d+</b>|PHP (?:Fatal|Warning)"),
    "a path of the server": re.compile(
        rb"(?:^|[\s\"'(])(?:/(?:usr|home|var|opt|srv|root|app|etc|tmp|Users)/[\w.-]{1,100}/[\w./-]|"
        rb"[A-Z]:\\\\?(?:Users|Windows|Program Files|inetpub)\\)|node_modules/|site-packages/"
    ),
    "SQL": re.compile(
        rb"(?i)\b(?:SELECT .{1,200} FROM|INSERT INTO|UPDATE \w{1,60} SET|DELETE FROM)\b|SQLSTATE|"
        rb"syntax error at or near|ORA-\d{5}|sqlite3?\.\w{0,60}Error|psycopg2?\.|duplicate "
        rb"key value violates"
    ),
}
# Lenient readers take it for a document, so it may be a valid request.
_DOUBTFUL: Final = frozenset({"invalid-utf8"})
_BODIES: Final = (*malformed.broken_texts(), *malformed.odd_documents({}))


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of every operation."""
    for operation in setting.contract.operations:
        start, place = (
            f"{setting.profile.name}.{operation.id}",
            f"{operation.method} {operation.path}",
        )
        common: dict[str, Any] = {
            "area": AREA,
            "operation": operation.id,
            "drivers": _DRIVERS,
            "tier": _tier(setting, operation),
        }
        yield Rule(
            f"{start}.no-undeclared-5xx",
            f"{place} never answers with a server error that is not declared, nor its path to "
            "any other method.",
            f"contract: {place}, responses",
            check=_server_errors(operation),
            **common,
        )
        yield Rule(
            f"{start}.no-leak",
            f"No body of {place} shows a stack trace, a path of the server, or SQL.",
            "suite: nothing of the inside belongs into a reply",
            check=_on(operation, _leak),
            **{**common, "drivers": (*_DRIVERS, "modes")},
        )
        yield Rule(
            f"{start}.one-json",
            f"A JSON reply of {place} is exactly one JSON document in UTF-8, no "
            "member given twice.",
            "RFC 8259, 2 and 8.1",
            check=_on(operation, _one_json),
            **common,
        )
        if operation.method != "DELETE":
            yield Rule(
                f"{start}.time",
                f"{place} refuses, or answers a read, within {SLOW_MS / 1000:g} s.",
                "suite: a client waits that long",
                check=_on(operation, _in_time),
                level=Level.SHOULD,
                provenance="assumed",
                **common,
            )
        if operation.body is not None:
            yield Rule(
                f"{start}.malformed",
                f"{place} is no server error for a body that is malformed or no object.",
                f"contract: {place}, request",
                check=_malformed(operation),
                cases=tuple(_rows(setting, operation)),
                **{**common, "drivers": ("malformed",)},
            )


def _tier(setting: Setting, operation: Operation) -> Tier:
    """Return the tier in which an operation is called at all."""
    if operation.method == "DELETE":
        return Tier.PAID
    return Tier.VALIDATION if setting.is_creation(operation) else Tier.FREE


def _rows(setting: Setting, operation: Operation) -> Iterator[Case]:
    writes = setting.is_creation(operation)
    refused = all(
        judge.contract.operation(operation.id).malformed_body == "refuse"
        for judge in setting.judges
    )
    for name in _BODIES:
        is_broken = name in malformed.broken_texts()
        cheap = not writes or (is_broken and refused and name not in _DOUBTFUL)
        # JSON that is no object is refused by any schema of type object.
        cheap = cheap or name in ("null", "array", "text", "number")
        free = Tier.FREE if not writes else Tier.VALIDATION
        yield Case(name, free if cheap else Tier.FUZZ)


_NOT_IMPLEMENTED: Final = 501
"""What a server may say to a method that it knows for no path [RFC 9110, 15.6.2]."""
Looking = Callable[[Evidence], Iterator[Finding]]


def _on(operation: Operation, look: Callable[[Reading], Iterator[Finding]]) -> Looking:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.of(operation.id):
            yield from look(reading)

    return run


def _server_errors(operation: Operation) -> Looking:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.of(operation.id):
            yield from _server_error(reading)
        for reading in evidence.probed("methods"):
            if reading.operation is None and reading.exchange.subject == operation.path:
                is_keyless = not reading.credentials and reading.status in evidence.profile.refused
                good = reading.status < 500 or reading.status == _NOT_IMPLEMENTED or is_keyless
                words = f"{reading.exchange.method} got {reading.status}"
                yield check(good, reading, words)

    return run


def _server_error(reading: Reading) -> Iterator[Finding]:
    if reading.exchange.reply_header("x-understudy-bug") is not None:
        yield broken(reading, "the stand-in says that it has a bug (X-Understudy-Bug)")
    elif reading.status >= 500:
        yield check(bool(reading.specs()), reading, f"{reading.status} is not declared")
    else:
        yield check(True, reading, "")


def _leak(reading: Reading) -> Iterator[Finding]:
    body = reading.exchange.reply_body[:200_000]
    found = next((word for word, form in _LEAKS.items() if _shows(form, body, reading)), "")
    yield check(not found, reading, f"the body shows {found}")


def _shows(form: re.Pattern[bytes], body: bytes, reading: Reading) -> bool:
    """Whether a body shows something that the request itself did not say."""
    url, sent = reading.exchange.url.encode(), reading.exchange.request_body
    shown = (match.group(0).strip() for match in form.finditer(body))
    return any(text not in url and text not in sent for text in shown)


def _one_json(reading: Reading) -> Iterator[Finding]:
    if reading.is_json_reply:
        yield check(not reading.reply.fault, reading, f"the body is {reading.reply.fault}")


def _in_time(reading: Reading) -> Iterator[Finding]:
    operation = reading.operation
    is_quick = operation is not None and (operation.method == "GET" or not reading.is_success)
    if is_quick and not reading.exchange.series and reading.exchange.driver != "generator":
        took = reading.exchange.elapsed_ms
        if len(reading.exchange.request_body) < 1_000_000:
            yield check(took < SLOW_MS, reading, f"it took {took:.0f} ms")


def _malformed(operation: Operation) -> Looking:
    def run(evidence: Evidence) -> Iterator[Finding]:
        contracts = evidence.contracts
        lenient = any(c.operation(operation.id).malformed_body == "empty" for c in contracts)
        for reading in evidence.of(operation.id):
            probe = reading.exchange.probe
            if probe.startswith("malformed.") and not probe.startswith("malformed.query"):
                known = reading.exchange.subject in _BODIES
                # Where it counts as an empty object, a declared failure may follow from that.
                excused = lenient and not reading.is_invalid and bool(reading.specs())
                yield check(
                    reading.status < 500 or excused,
                    reading,
                    f"a body with {reading.exchange.subject} got {reading.status}",
                    reading.exchange.subject if known else "",
                )

    return run
