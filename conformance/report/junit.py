"""JUnit XML as GitHub, GitLab and Jenkins read it: a suite a provider, a test a rule.

No schema of the format is binding. What Jenkins' xUnit plugin (junit-10.xsd) and Maven Surefire
demand is kept, but that Surefire knows no time stamp.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as Xml

from conformance.model import Verdict
from conformance.report import evidence
from conformance.rule import RuleResult

if TYPE_CHECKING:
    from conformance.result import Result

# XML takes the C1 controls too, but a terminal that shows the report obeys them.
_NOT_TEXT: Final = re.compile(
    "[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_TOTALS: Final = ("tests", "failures", "errors")
_FAILED: Final = (Verdict.FAIL, Verdict.XPASS)
_SKIPPED: Final = (Verdict.SKIP, Verdict.INCONCLUSIVE, Verdict.XFAIL)


def render(results: Sequence[Result]) -> bytes:
    """Return the report of one or more results."""
    suites = [_suite(result) for result in results]
    totals = {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in _TOTALS}
    seconds = sum(result.seconds for result in results)
    root = Xml.Element("testsuites", {"name": "understudy", "time": f"{seconds:.3f}", **totals})
    root.extend(suites)
    Xml.indent(root)
    text: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _suite(result: Result) -> Xml.Element:
    counts = result.counts
    broken = 1 if result.unreachable else 0
    suite = Xml.Element(
        "testsuite",
        name=f"understudy.{result.provider}",
        tests=str(len(result.results) + broken),
        failures=str(sum(counts[each] for each in _FAILED)),
        errors=str(broken),
        skipped=str(sum(counts[each] for each in _SKIPPED)),
        time=f"{result.seconds:.3f}",
    )
    if len(result.log):
        began = min(exchange.started_ms for exchange in result.log) / 1000
        suite.set("timestamp", f"{datetime.fromtimestamp(began, UTC):%Y-%m-%dT%H:%M:%S}")
    properties = Xml.SubElement(suite, "properties")
    for name, value in (
        ("target", result.target), ("tier", result.tier.word), ("dialect", result.dialect),
        ("seed", str(result.options.seed)), ("jobs", str(result.spent.jobs)),
    ):  # fmt: skip
        Xml.SubElement(properties, "property", name=name, value=_clean(value))
    for each in result.results:
        suite.append(_case(result, each))
    if result.unreachable:
        case = Xml.SubElement(suite, "testcase", classname=result.provider, name="target", time="0")
        Xml.SubElement(case, "error", message=_clean(result.unreachable), type="unreachable")
    return suite


def _case(result: Result, each: RuleResult) -> Xml.Element:
    case = Xml.Element(
        "testcase", classname=f"{result.provider}.{each.rule.area}", name=each.rule.id, time="0"
    )
    if each.verdict in _FAILED:
        first = each.failures[0].message if each.failures else each.reason
        failure = Xml.SubElement(case, "failure", message=_clean(first), type=each.verdict.value)
        failure.text = _clean(_words(result, each))
    elif each.verdict in _SKIPPED:
        Xml.SubElement(case, "skipped", message=_clean(f"{each.verdict.value}: {each.reason}"))
    elif each.verdict is Verdict.WARN:
        Xml.SubElement(case, "system-out").text = _clean(f"WARN\n{_words(result, each)}")
    return case


def _words(result: Result, each: RuleResult) -> str:
    lines = [each.rule.sentence, f"source: {each.rule.source} ({each.rule.provenance})"]
    for failure in each.failures[:3]:
        exchange = result.log[failure.exchange]
        lines.append(f"{failure.case}: {failure.message}" if failure.case else failure.message)
        lines.append(f"$ {evidence.curl(exchange, result.provider)}")
        lines.append(f"< {evidence.reply_text(exchange)}")
    lines.append(f"again: {evidence.again(result, each)}")
    return "\n".join(lines)


def _clean(text: str) -> str:
    return _NOT_TEXT.sub("\ufffd", text)
