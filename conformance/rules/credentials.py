"""Each security scheme alone lets in; nothing, a wrong key and near misses do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from conformance.drivers import malformed
from conformance.drivers.credentials import (
    BEARER_REFUSED,
    REFUSED,
    are_headers,
    is_body_first,
    needs_credential,
)
from conformance.evidence import Evidence, broken, check, held
from conformance.model import Case, Finding, Level, Tier
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.setting import Setting
from contracts import Operation

AREA: Final = "credentials"
_DRIVERS: Final = ("credentials",)


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of every operation that needs a credential."""
    for operation in setting.contract.operations:
        if needs_credential(operation):
            yield from _of(setting, operation)


def _of(setting: Setting, operation: Operation) -> Iterator[Rule]:
    name, place = setting.profile.name, f"{operation.method} {operation.path}"
    start = f"{name}.{operation.id}.credential"
    source = f"contract: {place}, security"
    schemes = tuple(names[0] for names in operation.security)
    tier = _tier(setting, operation)
    common: dict[str, Any] = {
        "area": AREA,
        "operation": operation.id,
        # Only what the run created is deleted, so a lifecycle has to bring it.
        "drivers": ("lifecycle",) if operation.method == "DELETE" else _DRIVERS,
        "tier": tier,
    }
    refused = setting.profile.refused
    if operation.method != "DELETE":
        yield Rule(
            f"{start}.alone",
            f"{place} lets a valid key in by each security scheme alone.",
            source,
            check=_alone(operation, refused, "first"),
            cases=tuple(Case(each) for each in schemes),
            **common,
        )
        yield Rule(
            f"{start}.second",
            f"{place} lets the key of a second account in as well.",
            source,
            check=_alone(operation, refused, "second"),
            needs=frozenset({"second-key"}),
            **common,
        )
    yield Rule(
        f"{start}.missing",
        f"{place} answers 401 without a credential.",
        source,
        check=_refuses(operation, ("none",), refused, setting),
        **common,
    )
    yield Rule(
        f"{start}.unknown",
        f"{place} refuses a key that no account has, by each scheme.",
        source,
        check=_refuses(operation, ("unknown",), refused, setting),
        cases=tuple(Case(f"{each} unknown") for each in schemes),
        **common,
    )
    labels = (*REFUSED[1:], *BEARER_REFUSED)
    rows = tuple(
        Case(f"{scheme} {label}")
        for scheme in schemes
        for label in labels
        if label in REFUSED or _is_bearer(setting, scheme)
    )
    yield Rule(
        f"{start}.near-miss",
        f"{place} refuses what only resembles a valid credential: a key cut short or made longer, "
        "an empty one, the wrong word before it.",
        source,
        check=_refuses(operation, labels, refused, setting),
        cases=rows,
        **common,
    )
    if operation.method == "DELETE":
        return
    if are_headers(setting, operation):
        yield Rule(
            f"{start}.in-query",
            f"{place} takes no key from the URL: its schemes are headers.",
            source,
            check=_refuses(operation, ("in-query",), refused, setting),
            **{**common, "tier": max(tier, Tier.VALIDATION)},
        )
    yield Rule(
        f"{start}.letter-case",
        f"{place} takes the letters of a key as they are, upper and lower.",
        source,
        check=_refuses(operation, ("swapped-case",), refused, setting),
        level=Level.SHOULD,
        provenance="assumed",
        **common,
    )
    if setting.profile.exclusive and len(schemes) > 1:
        yield Rule(
            f"{start}.both",
            f"{place} refuses two credentials at once.",
            f"{source}; facts: exactly one credential",
            check=_refuses(operation, ("both",), refused, setting),
            **common,
        )


def _tier(setting: Setting, operation: Operation) -> Tier:
    if operation.method == "DELETE":
        return Tier.PAID
    if not setting.is_creation(operation):
        return Tier.FREE
    judged = (judge.contract.operation(operation.id) for judge in setting.judges)
    return Tier.FUZZ if any(is_body_first(each) for each in judged) else Tier.VALIDATION


def _is_bearer(setting: Setting, scheme: str) -> bool:
    declared = setting.contract.document["components"]["securitySchemes"][scheme]
    return bool(declared["type"] != "apiKey")


def _alone(
    operation: Operation, refused: frozenset[int], label: str
) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        body_first = _any_body_first(evidence, operation)
        for reading in evidence.of(operation.id):
            given = reading.credentials
            if len(given) != 1 or given[0].label != label or reading.status == 429:
                continue
            if reading.exchange.series or (body_first and not reading.is_valid):
                continue
            if reading.status == 500 and reading.exchange.driver == malformed.NAME:
                continue  # what it could not read may be the cause
            is_in = reading.status not in refused - {500} and (
                reading.status < 500 or 500 not in refused
            )
            if reading.status >= 500 and is_in:
                continue
            case = given[0].scheme if label == "first" else ""
            found = check(is_in, reading, f"a valid key got {reading.status}", case)
            # What no document asks for has to be everywhere all the same, if it is anywhere.
            is_elsewhere = given[0].worth != "documented" and _lets_in(evidence, given[0].scheme)
            yield found if is_elsewhere else replace(found, provenance=given[0].worth)

    return run


def _lets_in(evidence: Evidence, scheme: str) -> bool:
    """Whether a key alone has let in by a scheme, wherever it was."""
    return any(
        reading.is_success and [each.scheme for each in reading.credentials] == [scheme]
        for reading in evidence.readings
    )


def _any_body_first(evidence: Evidence, operation: Operation) -> bool:
    return any(is_body_first(c.operation(operation.id)) for c in evidence.contracts)


def _refuses(
    operation: Operation, labels: tuple[str, ...], refused: frozenset[int], setting: Setting
) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        body_first = _any_body_first(evidence, operation)
        for reading in evidence.of(operation.id):
            label, case = _presented(reading)
            if label not in labels or reading.status == 429:
                continue
            if reading.status in refused:
                yield held(reading, case)
            elif body_first and not reading.is_valid and 400 <= reading.status < 500:
                continue
            else:
                yield broken(reading, f"{_words(label)} got {reading.status}, not a refusal", case)

    return run


def _presented(reading: Reading) -> tuple[str, str]:
    """Return which way a credential was presented, and the rule's case for it."""
    given = reading.credentials
    if len(given) > 1:
        return ("both", "") if all(each.label == "first" for each in given) else ("", "")
    probe = reading.exchange.probe.rpartition(".")[2]
    if not given:
        return ("in-query" if probe == "in-query" else "none"), ""
    label = given[0].label
    if label == "malformed" and probe in BEARER_REFUSED:
        label = probe
    elif label in ("", "malformed") and probe == "empty":
        label = "empty"
    scheme = given[0].scheme
    return label, "" if label == "swapped-case" else f"{scheme} {label}"


def _words(label: str) -> str:
    return {
        "none": "no credential",
        "in-query": "a key in the URL alone",
        "both": "two credentials",
        "unknown": "an unknown key",
        "truncated": "a key without its last letter",
        "extended": "a key with a letter more",
        "empty": "an empty credential",
        "basic": "the word Basic before the key",
        "bare": "a key without the word Bearer",
        "swapped-case": "a key with its letters' case swapped",
    }[label]
