"""Rules on a small correct target, and on the same target broken in one way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import contracts
from conformance import check, profiles
from conformance.drivers import validation
from conformance.evidence import Evidence
from conformance.exchange import Exchange
from conformance.judge import Judge
from conformance.log import ExchangeLog
from conformance.model import Level, Tier, Verdict
from conformance.reading import Reading
from conformance.result import Result
from conformance.rules import rules_for
from conformance.setting import Setting
from tests.conformance.targets import FIRST, SECOND, Target

Change = Callable[[Reading, int, Any], tuple[int, Any]]
NAMES = contracts.names()
RECOUP = profiles.load("recoup")


def judged(app: Target, *only: str, tier: Tier = Tier.VALIDATION) -> Result:
    return check(
        provider="recoup",
        app=app,
        keys=(FIRST, SECOND),
        base_url="http://t.test",
        tier=tier,
        only=only,
        dialect="documented",
        generator=False,
        wait_seconds=0.3,
    )


def test_correct_target_is_conformant_without_a_job() -> None:
    app = Target()
    result = judged(app)
    assert [each.rule.id for each in result.failed] == []
    assert result.exit_code == 0
    assert result.spent.jobs == 0
    assert result.score().judged > 200


def on(operation: str, change: Change) -> Change:
    def run(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
        if reading.operation is not None and reading.operation.id == operation:
            return change(reading, status, answer)
        return status, answer

    return run


def without(name: str) -> Change:
    def run(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
        return status, {k: v for k, v in answer.items() if k != name}

    return run


def when(status: int, becomes: tuple[int, Any]) -> Change:
    return lambda _, found, answer: becomes if found == status else (found, answer)


BROKEN: list[tuple[str, Change]] = [
    ("recoup.listTemplates.body", on("listTemplates", without("templates"))),
    ("recoup.listTemplates.status", on("listTemplates", when(200, (206, {"templates": []})))),
    ("recoup.listRuns.body", on("listRuns", without("runs"))),
    ("recoup.createVideo.enum", on("createVideo", when(400, (422, b"")))),
    ("recoup.createVideo.required", on("createVideo", when(400, (200, {"videoUrl": "x"})))),
    ("recoup.createContent.credential.unknown", on("createContent", when(401, (200, {})))),
    ("recoup.listArtists.credential.alone", on("listArtists", when(200, (401, {"error": "x"})))),
    (
        "recoup.listRuns.no-leak",
        on("listRuns", when(401, (401, {"error": 'File "/srv/app/main.py", line 3'}))),
    ),
    ("recoup.listRuns.one-json", on("listRuns", lambda _, s, a: (s, b'{"a":1}{"b":2}'))),
    ("recoup.listRuns.no-undeclared-5xx", on("listRuns", lambda _, s, a: (503, {"error": "x"}))),
    ("recoup.createImage.malformed", on("createImage", when(400, (500, {"error": "x"})))),
    ("recoup.paths.unknown", when(404, (200, {}))),
    ("recoup.listRuns.options", when(204, (500, b""))),
    (
        "recoup.estimateContent.total",
        on(
            "estimateContent",
            lambda _, s, a: (s, {**a, "total_estimate_usd": 9}) if s == 200 else (s, a),
        ),
    ),
]


@pytest.mark.parametrize(("rule", "change"), BROKEN, ids=[rule for rule, _ in BROKEN])
def test_broken_target_reddens_the_rule(rule: str, change: Change) -> None:
    assert judged(Target(), rule).verdict(rule) is not Verdict.FAIL
    result = judged(Target(change=change, is_understudy=True), rule)
    expected = Verdict.PASS if rule.endswith(".enum") else Verdict.FAIL
    assert result.verdict(rule) is expected


def test_target_without_validation_fails_each_kind() -> None:
    result = judged(Target(validates=False, is_understudy=True), "recoup.analyzeVideo")
    for kind in ("required", "type", "range", "format"):
        assert result.verdict(f"recoup.analyzeVideo.{kind}") is Verdict.FAIL


def test_target_without_credentials_fails() -> None:
    result = judged(Target(authorizes=False), "recoup.*.credential.missing")
    assert {each.verdict for each in result.results} == {Verdict.FAIL, Verdict.SKIP} - {
        Verdict.SKIP
    }


def test_only_limits_what_is_sent() -> None:
    app = Target()
    judged(app, "recoup.listTemplates.credential")
    paths = {path for _, path, _ in app.recording.calls}
    assert paths == {"/api/content/templates", "/_understudy/health"}


def test_artist_of_the_target_takes_the_place_of_the_usual_one() -> None:
    other = "22222222-2222-4222-8222-222222222222"

    def change(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
        if reading.operation and reading.operation.id == "listArtists" and status == 200:
            answer["artists"][0] |= {"id": other, "account_id": other}
        return status, answer

    app = Target(change=change)
    judged(app, "recoup.validateContent", "recoup.createContent")
    bodies = [body for _, path, body in app.recording.writes() if path.endswith("create")]
    assert any(other.encode() in body for body in bodies)
    assert not any(b"1873859c-dd37" in body for body in bodies)


def test_mode_precedence_is_judged_in_a_full_table() -> None:
    rule = "recoup.createVideo.mode.precedence"
    result = judged(Target(is_understudy=True), rule, tier=Tier.FUZZ)
    assert result.verdict(rule) is Verdict.FAIL  # the target always says "animate"
    found = next(each for each in result.results if each.rule.id == rule)
    assert len(found.by_case) == 16


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_has_over_forty_must_rules_with_distinct_ids(name: str) -> None:
    rules = rules_for((contracts.load(name),), profiles.load(name))
    musts = [rule for rule in rules if rule.level is Level.MUST]
    assert len(musts) > 40
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(rule.id.startswith(f"{name}.") and rule.sentence.endswith(".") for rule in rules)
    assert all(rule.source and rule.area for rule in rules)


@pytest.mark.parametrize("dialect", ["documented", "live"])
@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_a_validation_rule_has_a_request_that_breaks_it(
    name: str, dialect: contracts.Dialect
) -> None:
    judges = (Judge(contracts.load(name, dialect)),)
    setting = Setting(judges, profiles.load(name), Tier.FUZZ)
    sent = {
        (probe.operation, probe.probe.rpartition(".")[2], probe.subject)
        for probe in validation.probes(setting)
    }
    wanted = {
        (rule.operation, rule.id.rpartition(".")[2], case.name)
        for rule in rules_for((judges[0].contract,), setting.profile)
        if rule.drivers == ("validation", "generator")
        for case in rule.cases
        if case.required
    }
    assert wanted <= sent


def test_both_dialects_accept_either_side() -> None:
    both = (contracts.load("recoup"), contracts.load("recoup", "live"))
    rules = {rule.id: rule for rule in rules_for(both, profiles.load("recoup"))}
    required = rules.get("recoup.createVideo.required")
    assert required is None or "image_url" not in [case.name for case in required.cases]


def test_media_that_cannot_be_had_are_a_violation_not_a_dead_target() -> None:
    result = judged(
        Target(is_understudy=True),
        "recoup.lifecycle.video",
        "recoup.lifecycle.upscale",
        tier=Tier.PAID,
    )
    assert result.verdict("recoup.lifecycle.video.media") is Verdict.FAIL
    assert result.unreachable == ""


def test_a_total_beyond_all_money_is_judged_as_exactly_as_numbers_are() -> None:
    rules = {rule.id: rule for rule in rules_for((contracts.load("recoup"),), RECOUP)}
    rule = rules["recoup.estimateContent.total"]

    def holds(batch: int, total: float) -> bool:
        body = json.dumps({"per_video_estimate_usd": 0.82, "total_estimate_usd": total}).encode()
        url = f"http://t/api/content/estimate?batch={batch}"
        key, kind = ("x-api-key", "<first>"), ("content-type", "application/json")
        exchange = Exchange(0, "GET", url, (key,), b"", 200, (kind,), body, 0.0, 1.0)
        log = ExchangeLog.of([exchange])
        found = list(rule.check(Evidence(log, (contracts.load("recoup"),), RECOUP)))
        assert len(found) == 1
        return found[0].holds

    assert holds(717357013071442, 588232750718582.5)
    assert not holds(717357013071442, 588232750718592.5)
    assert holds(2, 1.64)
    assert not holds(2, 1.66)
