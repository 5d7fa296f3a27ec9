"""The JUnit report has the form that strict readers demand, whatever a target says.

The tables below say in our words what the schema of Jenkins' xUnit plugin (junit-10.xsd, from
`testsuites` down) and Maven Surefire's (surefire-test-report.xsd, from `testsuite` down) demand:
where both speak, the stricter one. Surefire has no `timestamp`; Jenkins and GitHub's actions do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from xml.etree import ElementTree

import pytest

from conformance import check
from conformance.model import Tier, Verdict
from conformance.report import junit
from conformance.result import Result
from conformance.rule import RuleResult
from tests.conformance.targets import FIRST, SECOND, Target

CONTROLS = "".join(chr(n) for n in (*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0)))
HOSTILE = f"]]> <error/> &amp; &#0; \x1b[2J {CONTROLS} \ud800 \ufffe \uffff \U0010ffff é"


@dataclass(frozen=True)
class Form:
    """What an element may hold: attributes, and children in the order of their names."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    at_most_one: tuple[str, ...] = ()
    has_text: bool = False


_REASON = Form(required=("message", "type"), has_text=True)
FORMS = {
    "testsuites": Form(
        optional=("name", "time", "tests", "failures", "errors"), children=("testsuite",)
    ),
    "testsuite": Form(
        required=("name", "time", "tests", "errors", "skipped", "failures"),
        optional=("timestamp", "hostname", "group", "id", "package", "file", "log", "url"),
        children=("properties", "testcase"),
        at_most_one=("properties",),
    ),
    "properties": Form(children=("property",)),
    "property": Form(required=("name", "value")),
    "testcase": Form(
        required=("name", "time", "classname"),
        optional=("group",),
        children=("failure", "skipped", "error", "system-out", "system-err"),
        at_most_one=("skipped", "error", "system-out", "system-err"),
    ),
    "failure": _REASON,
    "error": _REASON,
    "skipped": Form(optional=("message",), has_text=True),
    "system-out": Form(has_text=True),
    "system-err": Form(has_text=True),
}
_TIME = re.compile(r"\d{1,}(\.\d{0,3})?")
_COUNT = re.compile(r"\d+")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_NO_TEXT = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f]")


def complaints(element: ElementTree.Element) -> Iterator[str]:
    """Yield what is wrong with an element and all that it holds."""
    form = FORMS.get(element.tag)
    if form is None:
        yield f"{element.tag} is not known"
        return
    given = set(element.attrib)
    yield from (f"{element.tag} lacks {name}" for name in form.required if name not in given)
    yield from (f"{element.tag} has {name}" for name in given - {*form.required, *form.optional})
    yield from _of_values(element)
    tags = [child.tag for child in element]
    yield from (f"{tag} in {element.tag}" for tag in tags if tag not in form.children)
    known = [tag for tag in tags if tag in form.children]
    if known != sorted(known, key=form.children.index):
        yield f"{element.tag} has {', '.join(dict.fromkeys(tags))} in this order"
    yield from (f"two {tag} in {element.tag}" for tag in form.at_most_one if tags.count(tag) > 1)
    outside = [element.text if not form.has_text else "", *(child.tail for child in element)]
    if any(text and text.strip() for text in outside):
        yield f"text in {element.tag}"
    for child in element:
        yield from complaints(child)


def _of_values(element: ElementTree.Element) -> Iterator[str]:
    forms = {"time": _TIME, "timestamp": _STAMP}
    forms |= dict.fromkeys(("tests", "failures", "errors", "skipped"), _COUNT)
    for name, value in element.attrib.items():
        if name in forms and not forms[name].fullmatch(value):
            yield f"{element.tag} has {name}={value!r}"
        if name == "timestamp" and _STAMP.fullmatch(value):
            datetime.fromisoformat(value)


def _judged(tier: Tier = Tier.FREE, only: tuple[str, ...] = ("recoup.listRuns",)) -> Result:
    """Return a result with a failure whose words are hostile, and rules that were skipped."""
    body = json.dumps({"error": HOSTILE}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    target = Target(
        is_understudy=True,
        change=lambda reading, status, answer: (
            (418, body) if status == 200 and reading.operation is not None else (status, answer)
        ),
    )
    return check(provider="recoup", app=target, keys=(FIRST, SECOND), tier=tier, only=only)


@pytest.fixture(scope="module")
def failed() -> Result:
    return _judged()


def _with_every_verdict(result: Result) -> Result:
    """Return a result in which one rule came to each verdict, its reason hostile too."""
    pattern = next(each for each in result.results if each.failures)
    results: list[RuleResult] = []
    for verdict in Verdict:
        rule = replace(pattern.rule, id=f"recoup.listRuns.{verdict.value.lower()}")
        found = replace(pattern, rule=rule, verdict=verdict, reason=HOSTILE)
        results.append(found if verdict is not Verdict.PASS else replace(found, failures=()))
    failures = replace(pattern.failures[0], message=HOSTILE, case=HOSTILE)
    results.append(replace(pattern, failures=(failures,)))
    return replace(result, results=tuple(results), target=f"http://t/{HOSTILE}")


def _reports(failed: Result) -> dict[str, list[Result]]:
    every = _with_every_verdict(failed)
    return {
        "failed": [failed],
        "every verdict": [every],
        "unreachable": [replace(every, unreachable=f"no connection {HOSTILE}")],
        "several, one without a rule": [failed, every, replace(failed, results=())],
        "nobody": [],
        "long": [replace(failed, seconds=123456.7891)],
    }


NAMES = (
    "failed", "every verdict", "unreachable", "several, one without a rule", "nobody", "long",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_report_has_the_form_that_strict_readers_demand(failed: Result, name: str) -> None:
    root = ElementTree.fromstring(junit.render(_reports(failed)[name]))
    assert root.tag == "testsuites"
    assert list(complaints(root)) == []


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_those_of_the_cases(failed: Result, name: str) -> None:
    root = ElementTree.fromstring(junit.render(_reports(failed)[name]))
    tags = {"tests": "", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for suite in root:
        cases = suite.findall("testcase")
        for attribute, tag in tags.items():
            there = [case for case in cases if not tag or case.find(tag) is not None]
            assert int(suite.attrib[attribute]) == len(there), attribute
        names = [(case.get("classname"), case.get("name")) for case in cases]
        assert len(names) == len({*names}) or name != "failed"
    for attribute in ("tests", "failures", "errors"):
        assert int(root.attrib[attribute]) == sum(int(suite.attrib[attribute]) for suite in root)


@pytest.mark.parametrize("name", NAMES)
def test_no_byte_of_a_hostile_target_is_no_text(failed: Result, name: str) -> None:
    raw = junit.render(_reports(failed)[name])
    assert raw.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert b"<!DOCTYPE" not in raw
    assert _NO_TEXT.findall(raw.decode()) == []
    words = [
        text
        for element in ElementTree.fromstring(raw).iter()
        for text in (element.text or "", *element.attrib.values())
    ]
    assert not any(_NO_TEXT.search(text) for text in words)


def test_what_the_target_said_is_shown_as_it_was(failed: Result) -> None:
    root = ElementTree.fromstring(junit.render([failed]))
    words = "".join(each.text or "" for each in root.iter("failure"))
    assert "]]> <error/> &amp; &#0;" in words
    assert "\U0010ffff" in words


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<testsuites><testcase/></testsuites>", "testcase in testsuites"),
        ("<testsuite/>", "testsuite lacks name"),
        ('<testcase name="a" time="x" classname="c"/>', "testcase has time='x'"),
        (
            '<testcase name="a" time="0" classname="c"><system-out/><skipped/></testcase>',
            "testcase has system-out, skipped in this order",
        ),
        ('<error message="gone"/>', "error lacks type"),
        ("<properties>words</properties>", "text in properties"),
    ],
)
def test_the_tables_see_what_is_wrong(text: str, complaint: str) -> None:
    assert complaint in list(complaints(ElementTree.fromstring(text)))
