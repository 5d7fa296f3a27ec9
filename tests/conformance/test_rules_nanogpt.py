"""Each of NanoGPT's own rules holds for a correct provider, and not for one with its bug."""

from __future__ import annotations

import pytest

import contracts
from conformance import check, profiles
from conformance.judge import Judge
from conformance.model import Level, Tier, Verdict
from conformance.result import Result
from conformance.rule import Rule
from conformance.rules import (
    nanogpt_access,
    nanogpt_account,
    nanogpt_catalogue,
    nanogpt_extensions,
    nanogpt_films,
    nanogpt_jobs,
    nanogpt_lists,
    nanogpt_models,
    nanogpt_moderation,
    nanogpt_money,
    nanogpt_offers,
    nanogpt_purse,
    nanogpt_submissions,
)
from tests.conformance.independent.nanogpt import FAIL_WORD, KEYS, Provider
from tests.conformance.nanogpt_faults import FAULTS, Change, Changed

MODULES = (
    nanogpt_access,
    nanogpt_account,
    nanogpt_catalogue,
    nanogpt_extensions,
    nanogpt_films,
    nanogpt_jobs,
    nanogpt_lists,
    nanogpt_models,
    nanogpt_moderation,
    nanogpt_money,
    nanogpt_offers,
    nanogpt_purse,
    nanogpt_submissions,
)
OWN: dict[str, Rule] = {rule.id: rule for module in MODULES for rule in module.rules()}
# What the correct provider has no occasion for: a 429 or 402, more than one video, videos in two
# lists, moderation.
UNMET = {
    "nanogpt.errors.balance",
    "nanogpt.errors.required-balance",
    "nanogpt.moderation.conflict",
    "nanogpt.moderation.flagged",
    "nanogpt.moderation.headers",
    "nanogpt.moderation.image",
    "nanogpt.moderation.nothing",
    "nanogpt.moderation.words",
    "nanogpt.money.enough",
    "nanogpt.errors.retry-after",
    "nanogpt.midjourney.videos",
    "nanogpt.models.same-entry",
}


def judged(change: Change | None, *only: str, tier: Tier = Tier.FUZZ) -> Result:
    return check(
        provider="nanogpt",
        app=Changed(Provider(seconds=0.15).app, change),
        keys=KEYS,
        base_url="http://nano.test",
        tier=tier,
        trigger=("", FAIL_WORD),
        only=only,
        generator=False,
        wait_seconds=2.0,
    )


def test_every_rule_has_a_planted_bug() -> None:
    assert {f"nanogpt.{name}" for name in FAULTS} == set(OWN)


def test_there_are_over_forty_must_rules() -> None:
    assert len([rule for rule in OWN.values() if rule.level is Level.MUST]) > 40


def test_every_rule_holds_for_a_correct_provider() -> None:
    result = judged(None, *OWN)
    verdicts = {each.rule.id: each.verdict for each in result.results}
    expected = {name: Verdict.SKIP if name in UNMET else Verdict.PASS for name in OWN}
    assert verdicts == expected
    assert all(each.evidence for each in result.results if each.rule.id not in UNMET)


@pytest.mark.parametrize("name", FAULTS)
def test_planted_bug_reddens_its_rule(name: str) -> None:
    rule = OWN[f"nanogpt.{name}"]
    expected = Verdict.FAIL if rule.level is Level.MUST else Verdict.WARN
    assert judged(FAULTS[name], rule.id).verdict(rule.id) is expected


def test_free_tier_judges_reads_and_starts_no_job() -> None:
    result = judged(None, tier=Tier.FREE)
    assert result.spent.jobs == 0
    assert result.exit_code == 0
    assert result.verdict("nanogpt.models.open") is Verdict.PASS
    assert result.verdict("nanogpt.createVideo.pending") is Verdict.SKIP


def test_rows_about_models_that_are_not_offered_are_not_judged() -> None:
    rule = "nanogpt.createVideo.kinds"

    def without_upscaler(seen: object) -> None:
        data = getattr(seen, "data", None)
        if getattr(seen, "path", "") == "/api/v1/video-models" and isinstance(data, list):
            data[:] = [entry for entry in data if entry["id"] != "video-upscaler"]

    result = judged(without_upscaler, rule)
    assert result.verdict(rule) is Verdict.INCONCLUSIVE
    found = next(each for each in result.results if each.rule.id == rule)
    assert found.missing == ("upscale",)


@pytest.mark.parametrize("dialect", ["documented", "live"])
def test_own_probes_that_belong_to_free_tiers_start_nothing(dialect: contracts.Dialect) -> None:
    profile, judge = profiles.load("nanogpt"), Judge(contracts.load("nanogpt", dialect))
    for probe in profile.probes(judge.contract):
        writes = probe.method != "GET" and probe.operation not in profile.harmless
        assert not writes or probe.tier is Tier.FUZZ
