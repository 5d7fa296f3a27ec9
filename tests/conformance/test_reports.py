"""Reports: each shape as its readers want it, and nothing of a hostile target gets through."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from conformance import check
from conformance.model import Tier
from conformance.report import archive, data, junit, markdown, page
from conformance.result import Result
from tests.conformance.targets import FIRST, SECOND, Target

HOSTILE = "</pre><script>alert(1)</script> \x00 ]]> `` | ``` \ud800 é"


@pytest.fixture(scope="module")
def result() -> Result:
    """A result with a failure whose body tries to break out of every report."""
    body = json.dumps({"error": HOSTILE}).encode()
    app = Target(
        is_understudy=True,
        change=lambda reading, status, answer: (
            (418, body) if reading.exchange.method == "GET" and status == 200
            and reading.operation is not None else (status, answer)
        ),
    )  # fmt: skip
    return check(
        provider="recoup", app=app, keys=(FIRST, SECOND), tier=Tier.FREE, only=("recoup.listRuns",)
    )


def test_json_report_keeps_its_schema(result: Result) -> None:
    text = (files("conformance.report") / "result.schema.json").read_text()
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(data.render([result])))


def test_json_report_says_what_the_run_was(result: Result) -> None:
    found = json.loads(data.render([result]))["results"][0]
    assert found["contracts"][0]["digest"] == result.contracts[0].digest
    assert found["exit_code"] == 1
    assert found["tier"] == "free"
    assert found["coverage"]["operations"]["met"] >= 1


def test_junit_counts_agree_with_its_cases(result: Result) -> None:
    suite = ElementTree.fromstring(junit.render([result])).find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert int(suite.get("tests", "")) == len(cases) == len(result.results)
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) > 0
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count scripts, keep what would be fetched."""
        self.scripts += tag == "script"
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def test_page_is_self_contained_and_lets_nothing_in(result: Result) -> None:
    tags = _Tags()
    tags.feed(page.render([result]).decode())
    assert tags.scripts == 1
    assert tags.links == []


def test_markdown_lets_no_html_in(result: Result) -> None:
    text = markdown.render([result]).decode()
    outside = "".join(part for i, part in enumerate(text.split("````")) if i % 2 == 0)
    assert "## recoup: violated" in text
    assert "<script>" not in outside


def test_har_report_is_a_har(result: Result) -> None:
    entries = json.loads(archive.render([result]))["log"]["entries"]
    assert len(entries) == len(result.log)
    assert {"request", "response", "timings", "cache"} <= entries[0].keys()
