"""Makes failing requests smaller: members are left out as long as the rule stays violated.

Only requests that cannot cost anything are sent for that: any to an understudy, reads and what
bills nothing to others.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from conformance.checks import judged_again
from conformance.evidence import Evidence
from conformance.exchange import Exchange
from conformance.log import ExchangeLog, Note
from conformance.model import Finding, Verdict
from conformance.probe import json_body
from conformance.reading import Reading
from conformance.rule import RuleResult
from conformance.session import Session
from conformance.setting import Setting

_RULES: Final = 12
_REQUESTS: Final = 40


def shrunk(
    results: tuple[RuleResult, ...], session: Session, setting: Setting
) -> tuple[RuleResult, ...]:
    """Return results whose first failures are as small as a few requests can make them."""
    left = _RULES
    found = []
    for result in results:
        if result.verdict is Verdict.FAIL and result.failures and left and not session.is_over():
            left -= 1
            shrinking = _Shrinking(result, session, setting)
            rest = (each for each in result.failures if each is not shrinking.first)
            result = replace(result, failures=(shrinking.go(), *rest))
        found.append(result)
    return tuple(found)


class _Shrinking:
    """One failure on its way to a smaller one.

    It is the first that may be sent again by itself, of those that are as well founded as any.
    """

    def __init__(self, result: RuleResult, session: Session, setting: Setting) -> None:
        self._rule = result.rule
        self._session = session
        self._setting = setting
        self._left = _REQUESTS
        best = result.failures[0]
        alike = (each for each in result.failures if each.provenance == best.provenance)
        self.first = next((each for each in alike if self._may_shrink(each)), best)

    def go(self) -> Finding:
        """Return the smallest finding that was met, the first one if there is no smaller."""
        best, exchange = self.first, self._session.log[self.first.exchange]
        if not self._may_shrink(best):
            return best
        kind = _kind(Reading(exchange, self._setting.judges))
        is_smaller = True
        while is_smaller and self._left:
            is_smaller = False
            for smaller in _smaller(exchange):
                found = self._broken(smaller, kind)
                if found is not None:
                    best, exchange = found
                    is_smaller = True
                    break
                if not self._left or self._session.is_over():
                    break
        return best

    def _may_shrink(self, finding: Finding) -> bool:
        exchange = self._session.log[finding.exchange]
        reading = Reading(exchange, self._setting.judges)
        if exchange.series or finding.also or reading.operation is None:
            return False
        if self._setting.is_understudy:
            return exchange.method != "DELETE"
        return exchange.method != "DELETE" and not self._setting.is_creation(reading.operation)

    def _broken(
        self, smaller: Exchange, kind: frozenset[object]
    ) -> tuple[Finding, Exchange] | None:
        """Send a smaller request; returns what is broken by it in the same way, None if nothing."""
        if not _kind(Reading(smaller, self._setting.judges)) <= kind:
            return None
        self._left -= 1
        reading = self._session.resend(smaller)
        if reading is None:
            return None
        kept = reading.exchange
        log = ExchangeLog.of([replace(kept, index=0)])
        check = self._rule.id.partition(".generated.")[2].replace("-", "_")
        if check and reading.operation is not None:
            holds, words = judged_again(check, reading, self._setting.profile)
            log.note(Note(check, reading.operation.id, holds, 0, words))
        contracts = tuple(judge.contract for judge in self._setting.judges)
        try:
            findings = list(self._rule.check(Evidence(log, contracts, self._setting.profile)))
        except Exception:  # the rule cannot read it without what was left out
            return None
        for finding in findings:
            same = (finding.case, finding.provenance) == (self.first.case, self.first.provenance)
            if not finding.holds and same:
                return replace(finding, exchange=kept.index, also=()), kept
        return None


def _kind(reading: Reading) -> frozenset[object]:
    """Return what is wrong with a request; a smaller one must not be wrong in other ways."""
    return frozenset(
        (turn, each.location, each.subject, each.keyword)
        for turn, found in enumerate(reading.faults)
        for each in found
    )


def _smaller(exchange: Exchange) -> Iterator[Exchange]:
    """Yield the request without each of its query parameters and members, outer ones first."""
    parts = urlsplit(exchange.url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for index in range(len(pairs)):
        query = urlencode(pairs[:index] + pairs[index + 1 :])
        yield replace(exchange, url=urlunsplit(parts._replace(query=query)))
    from conformance import jsontext

    text = jsontext.read(exchange.request_body) if exchange.request_body else None
    if text is None or text.fault:
        return
    for path in _places(text.value):
        yield replace(exchange, request_body=json_body(_without(text.value, path)))


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, ...]] = []
    keys = list(value) if isinstance(value, dict) else []
    keys = list(range(len(value))) if isinstance(value, list) else keys
    for key in keys:
        inner += _places(value[key], (*path, key))
    return [*((*path, key) for key in keys), *inner]


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    found = copy.deepcopy(value)
    holder = found
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return found
