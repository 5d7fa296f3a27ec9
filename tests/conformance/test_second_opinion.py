"""Two judges of every reply: they agree on a right and on a wrong target, and a split is shown."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from conformance import check
from conformance.judge import Judge
from conformance.model import Tier, Verdict
from conformance.reading import Reading
from conformance.rule import RuleResult
from conformance.second import SecondJudge
from tests.conformance.targets import FIRST, SECOND, Target

RULE = "recoup.replies.second-opinion"


def judged(app: Target, tier: Tier = Tier.VALIDATION, **options: Any) -> RuleResult:
    result = check(
        provider="recoup", app=app, keys=(FIRST, SECOND), base_url="http://t.test", tier=tier,
        only=(RULE, "recoup.listTemplates"), operations=("listTemplates",), generator=False,
        **options,
    )  # fmt: skip
    return next(each for each in result.results if each.rule.id == RULE)


def without_templates(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
    is_list = reading.operation is not None and reading.operation.id == "listTemplates"
    return (200, {"wrong": 1}) if is_list and status == 200 else (status, answer)


@pytest.mark.parametrize("change", [None, without_templates], ids=["right", "wrong"])
@pytest.mark.parametrize("dialect", ["documented", None])
def test_both_say_the_same(change: Any, dialect: Any) -> None:
    found = judged(Target(change), dialect=dialect)
    assert (found.verdict, found.failures) == (Verdict.PASS, ())
    assert found.evidence > 5


def test_a_fault_that_the_first_overlooks_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "violations", lambda *_: ())
    found = judged(Target(without_templates))
    assert found.verdict is Verdict.WARN
    assert found.failures[0].message == (
        "openapi-core refuses what jsonschema takes: /: 'templates' is a required property"
    )
    assert found.failures[0].case == "listTemplates"


def test_a_fault_that_the_second_overlooks_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SecondJudge, "fault", lambda *_: "")
    found = judged(Target(without_templates))
    assert found.verdict is Verdict.WARN
    assert found.failures[0].message.startswith("jsonschema refuses what openapi-core takes: ")


def test_strict_makes_a_split_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SecondJudge, "fault", lambda *_: "no")
    assert judged(Target(), strict=True, shrink=False).verdict is Verdict.FAIL


def test_equal_replies_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    original = sys.modules["conformance.second"]._Reader.fault

    def fault(self: Any, exchange: Any, path: str) -> str:
        asked.append(exchange.reply_body)
        return str(original(self, exchange, path))

    monkeypatch.setattr("conformance.second._Reader.fault", fault)
    found = judged(Target(), dialect="documented")
    assert len(asked) == len(set(asked)) < found.evidence


def test_tier_free_does_not_import_the_second_judge() -> None:
    program = (
        "import sys\nfrom conformance import check\n"
        "from tests.conformance.targets import FIRST, Target\n"
        "result = check(provider='recoup', app=Target(), keys=(FIRST, ''), base_url='http://t')\n"
        "print(result.spent.requests > 50, 'openapi_core' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["True", "False"]
