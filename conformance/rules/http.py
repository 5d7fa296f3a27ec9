"""Methods and paths nobody declared: 405 and 404, HEAD as GET without a body, OPTIONS harmless."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.rule import Rule
from conformance.setting import Setting
from contracts import Operation

AREA: Final = "http"
_DRIVERS: Final = ("methods",)
_DATE: Final = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\Z")


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of every path, and those of paths that do not exist."""
    name = setting.profile.name
    common: dict[str, Any] = {"area": AREA, "drivers": _DRIVERS}
    seen: set[str] = set()
    for operation in setting.contract.operations:
        if operation.path in seen:
            continue
        seen.add(operation.path)
        declared = setting.judges[0].methods(operation.path.replace("{", "").replace("}", ""))
        yield from _of_path(setting, operation, declared, common)
    yield Rule(
        f"{name}.rate-limit.retry-after",
        "A 429 says in Retry-After when to come back: seconds, or a date.",
        "RFC 6585, 4; RFC 9110, 10.2.3",
        area="limits",
        check=_retry_after,
        level=Level.SHOULD,
        cases=(Case("429", required=False),),
    )
    yield Rule(
        f"{name}.paths.unknown",
        "A path that nobody declared is answered with 404.",
        "contract: paths",
        check=_unknown_path,
        **common,
    )


def _of_path(
    setting: Setting, operation: Operation, declared: frozenset[str], common: dict[str, Any]
) -> Iterator[Rule]:
    start, path = f"{setting.profile.name}.{operation.id}", operation.path
    given = {**common, "operation": operation.id, "source": f"contract: {path}; RFC 9110, 15.5.6"}
    judge, where = setting.judges[0], path.replace("{", "").replace("}", "")
    matched = {m for m in ("GET", "POST", "PUT", "PATCH", "DELETE") if judge.match(m, where)}
    reachable = [] if "GET" in matched else [Case("GET")]
    # What is not declared is not written to a target that may bill.
    writing = [
        Case(each, Tier.FUZZ, frozenset({"understudy"}))
        for each in ("POST", "PUT", "PATCH", "DELETE")
        if each not in matched
    ]
    yield Rule(
        f"{start}.method-undeclared",
        f"{path} answers 405 to methods that are not declared for it.",
        check=_undeclared(operation),
        cases=(*reachable, *writing),
        provenance="observed",
        **given,
    )
    yield Rule(
        f"{start}.allow",
        f"A 405 of {path} lists exactly the path's methods in Allow (HEAD and OPTIONS may join).",
        check=_allow(operation, declared),
        level=Level.SHOULD,
        tier=Tier.FREE if reachable else Tier.FUZZ,
        needs=frozenset() if reachable else frozenset({"understudy"}),
        **given,
    )
    yield Rule(
        f"{start}.options",
        f"OPTIONS {path} needs no credential and is no server error.",
        check=_options(operation),
        provenance="observed",
        **given,
    )
    if "GET" in declared:
        yield Rule(
            f"{start}.head",
            f"HEAD {path} answers without a body, and no server error.",
            check=_head(operation),
            **{**given, "source": "RFC 9110, 9.3.2"},
        )
    if operation.method == "GET" and "{" in path:
        yield Rule(
            f"{start}.unknown-id",
            f"{path} does not succeed for an id that does not exist.",
            check=_unknown_id(operation),
            **{**given, "source": f"contract: GET {path}, 404"},
        )


Looking = Callable[[Evidence], Iterator[Finding]]


def _undeclared(operation: Operation) -> Looking:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed("methods.undeclared"):
            if reading.exchange.subject == operation.path:
                method = reading.exchange.method
                yield check(
                    reading.status == 405,
                    reading,
                    f"{method} got {reading.status}, not 405",
                    method,
                )

    return run


def _allow(operation: Operation, declared: frozenset[str]) -> Looking:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed("methods.undeclared"):
            if reading.exchange.subject != operation.path or reading.status != 405:
                continue
            header = reading.exchange.reply_header("allow")
            words = {each.strip().upper() for each in (header or "").split(",")} - {""}
            extra = words - declared - {"HEAD", "OPTIONS"}
            is_right = declared <= words and not extra
            expected = ", ".join(sorted(declared))
            yield check(is_right, reading, f"Allow is {header!r}; declared are {expected}")

    return run


def _options(operation: Operation) -> Looking:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed("methods.options"):
            if reading.exchange.subject == operation.path:
                yield check(
                    reading.status < 500 and reading.status not in (401, 403),
                    reading,
                    f"OPTIONS got {reading.status}",
                )

    return run


def _head(operation: Operation) -> Looking:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed("methods.head"):
            if reading.exchange.subject == operation.path:
                size = len(reading.exchange.reply_body)
                yield check(
                    reading.status < 500 and size == 0,
                    reading,
                    f"HEAD got {reading.status} with {size} bytes",
                )

    return run


def _unknown_id(operation: Operation) -> Looking:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.of(operation.id):
            if reading.exchange.probe == "methods.unknown-id":
                has_something = is_something(reading.reply.value)
                yield check(
                    not reading.is_success or not has_something,
                    reading,
                    f"an unknown id got {reading.status} with a body",
                )

    return run


def is_something(value: Any) -> bool:
    """Whether an answer holds anything but nulls, zeros and what is empty."""
    if isinstance(value, dict):
        return any(is_something(each) for each in value.values())
    if isinstance(value, list):
        return any(is_something(each) for each in value)
    return bool(value)


def _retry_after(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        if reading.operation is not None and reading.status == 429:
            header = reading.exchange.reply_header("retry-after") or ""
            is_time = header.strip().isdecimal() or _DATE.match(header) is not None
            yield check(is_time, reading, f"Retry-After is {header!r}", "429")


def _unknown_path(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("methods.unknown-path"):
        # The key may be looked at first, and wanted as it is elsewhere.
        is_keyless = not reading.credentials and reading.status in evidence.profile.refused
        good = reading.status in (401, 404) or is_keyless
        yield check(good, reading, f"an unknown path got {reading.status}, not 404")
