"""The JSON report. Its shape is published in `result.schema.json`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import orjson

from conformance.model import Finding, Verdict
from conformance.report import coverage, evidence
from conformance.rule import RuleResult

if TYPE_CHECKING:
    from conformance.exchange import Exchange
    from conformance.result import Result

SCHEMA_VERSION: Final = 1
_FAILURES: Final = 5


def render(results: Sequence[Result]) -> bytes:
    """Return the report of one or more results."""
    return orjson.dumps(document(results), option=orjson.OPT_INDENT_2)


def document(results: Sequence[Result]) -> dict[str, Any]:
    """Return the report as JSON data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "suite_version": suite_version(),
        "exit_code": 1
        if any(r.exit_code == 1 for r in results)
        else max((r.exit_code for r in results), default=2),
        "results": [_result(result) for result in results],
    }


def suite_version() -> str:
    """Return the version of the suite, `0` in a checkout that is not installed."""
    try:
        return version("understudy")
    except PackageNotFoundError:
        return "0"


def _result(result: Result) -> dict[str, Any]:
    options = result.options
    return {
        "provider": result.provider,
        "target": result.target,
        "understudy": result.identity.version if result.identity.is_understudy else None,
        "dialect": result.dialect,
        "contracts": [
            {"name": c.name, "dialect": c.dialect, "digest": c.digest} for c in result.contracts
        ],
        "tier": result.tier.word,
        "exit_code": result.exit_code,
        "conformant": result.is_conformant,
        "counts": {verdict.value: result.counts[verdict] for verdict in Verdict},
        "score": _score(result, None),
        "areas": {area: _score(result, area) for area in result.areas},
        "spent": {
            "jobs": result.spent.jobs,
            "cost_usd": round(result.spent.cost_usd, 4),
            "unpriced_jobs": result.spent.unpriced_jobs,
            "requests": result.spent.requests,
        },
        "coverage": coverage.count(result),
        "seconds": round(result.seconds, 3),
        "configuration": {
            "seed": options.seed,
            "max_examples": options.max_examples,
            "max_jobs": options.max_jobs,
            "max_cost": options.max_cost,
            "wait_seconds": options.wait_seconds,
            "only": list(options.only),
            "operations": list(options.operations),
            "strict": options.strict,
        },
        "notes": list(result.notes),
        "unreachable": result.unreachable or None,
        "rules": [_rule(result, each) for each in result.results],
    }


def _score(result: Result, area: str | None) -> dict[str, int]:
    score = result.score(area)
    return {"passed": score.passed, "judged": score.judged, "total": score.total}


def _rule(result: Result, each: RuleResult) -> dict[str, Any]:
    rule = each.rule
    return {
        "id": rule.id,
        "verdict": each.verdict.value,
        "level": rule.level.value,
        "sentence": rule.sentence,
        "source": rule.source,
        "provenance": rule.provenance,
        "area": rule.area,
        "operation": rule.operation,
        "evidence": each.evidence,
        "reason": each.reason,
        "cases": [
            {"name": name, "held": good, "broken": bad} for name, good, bad in each.by_case if name
        ],
        "missing": [name for name in each.missing if name],
        "failures": [_failure(result, each, found) for found in each.failures[:_FAILURES]],
    }


def _failure(result: Result, each: RuleResult, found: Finding) -> dict[str, Any]:
    exchange = result.log[found.exchange]
    return {
        "case": found.case,
        "message": found.message,
        "exchange": exchange_data(exchange),
        "also": [exchange_data(result.log[index]) for index in found.also],
        "curl": evidence.curl(exchange, result.provider),
        "again": evidence.again(result, each),
    }


def exchange_data(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as JSON data, bodies as shortened text."""
    limit = 4000
    return {
        "index": exchange.index,
        "method": exchange.method,
        "url": exchange.url,
        "request_headers": [list(pair) for pair in exchange.request_headers],
        "request_body": exchange.request_body[:limit].decode(errors="backslashreplace"),
        "status": exchange.status,
        "reply_headers": [list(pair) for pair in exchange.reply_headers],
        "reply_body": exchange.reply_body[:limit].decode(errors="backslashreplace"),
        "elapsed_ms": round(exchange.elapsed_ms, 3),
        "failure": exchange.failure,
        "driver": exchange.driver,
        "probe": exchange.probe,
    }
