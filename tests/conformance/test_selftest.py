"""The proof of the suite: faults that do their work, a sample of them judged, the table kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import httpx
import pytest
from click.testing import CliRunner, Result

from conformance import profiles
from conformance.cli.selftest import selftest
from conformance.inprocess import AppTransport
from conformance.judge import Judge
from conformance.model import Level, Verdict
from conformance.rule import RuleResult
from conformance.rules import rules_for
from conformance.selftest import changes as c
from conformance.selftest import document
from conformance.selftest.fault import Fault, Memory
from conformance.selftest.live import Clean
from conformance.selftest.outcome import Outcome, Proof, State, Way
from conformance.selftest.proving import Wanted, faults, prove, record
from conformance.selftest.recording import Recording
from conformance.selftest.server import served
from conformance.selftest.wrapper import Faulty, Forward
from conformance.target import Keys
from contracts import Dialect, load, names
from tests.conformance.serving import on_a_port
from tests.conformance.targets import Target

DIALECTS = get_args(Dialect)

_KEYS = Keys("recoup_sk_test", "recoup_sk_second")


@pytest.fixture(scope="module")
def cleans() -> Iterator[dict[str, Clean]]:
    with served(names(), "documented", 50) as found:
        yield {clean.provider: clean for clean in found}


@pytest.mark.parametrize("provider", names())
def test_the_table_names_exactly_the_faults_and_rules_that_exist(provider: str) -> None:
    text = document.PATH.read_text()
    listed_faults, listed_rules = document.names(text, provider)
    rules = rules_for((load(provider),), profiles.load(provider))
    assert listed_rules == {rule.id for rule in rules if rule.level is Level.MUST}
    assert listed_faults == {fault.name for fault in faults(provider)}


@pytest.mark.parametrize("provider", names())
def test_at_least_25_faults_by_hand(provider: str) -> None:
    assert sum(fault.kind == "hand" for fault in faults(provider)) >= 25


@pytest.mark.parametrize("provider", names())
def test_a_sample_of_the_faults_is_detected(provider: str, cleans: dict[str, Clean]) -> None:
    wanted = Wanted(seed=7, sample=6, spot_checks=1, generator=False)
    proof = prove(cleans[provider], wanted)
    assert not proof.unclean
    known = document.PATH.read_text().partition(f"\n## {provider}\n")[2]
    for outcome in proof.outcomes:
        assert not outcome.differs
        assert not outcome.choked
        if outcome.fault.kind == "hand":
            assert outcome.state is State.DETECTED, outcome.fault.name
        elif outcome.state is State.SURVIVED:
            assert f"- `{outcome.fault.name}`" in known


@pytest.fixture(scope="module")
def recording(cleans: dict[str, Clean]) -> Recording:
    return record(cleans["recoup"], "documented")[0]


@pytest.fixture
def served_stranger() -> Iterator[str]:
    with on_a_port(Target()) as url:
        yield url


def test_what_breaks_no_rule_survives(recording: Recording) -> None:
    adds = c.change(c.success("listTemplates"), c.header("x-served-by", "a"))
    harmless = Fault("harmless", "listTemplates", "adds a header", adds)
    replay = recording.replay(harmless)
    assert replay.touched
    assert not replay.red


def test_a_survivor_by_hand_is_a_complaint() -> None:
    fault = Fault("quiet", "listTemplates", "does nothing", lambda reading, memory: None)
    proof = Proof("recoup", (), (Outcome(fault, Way.LIVE, 1, ()),), 0.0)
    assert any("quiet" in complaint for complaint in proof.complaints)


def test_a_rule_that_nothing_violates_is_a_complaint(cleans: dict[str, Clean]) -> None:
    rule = rules_for((load("recoup"),), profiles.load("recoup"))[0]
    clean = (RuleResult(rule, Verdict.PASS),)
    outcome = Outcome(Fault("a", "b", "c", lambda reading, memory: None), Way.REPLAY, 1, (rule.id,))
    unproven = f"no fault violates {rule.id}"
    assert unproven in Proof("recoup", clean, (), 0.0, is_whole=True).complaints
    assert unproven not in Proof("recoup", clean, (outcome,), 0.0, is_whole=True).complaints
    assert unproven not in Proof("recoup", clean, (), 0.0).complaints


def test_what_is_seldom_answered_is_staged(recording: Recording) -> None:
    found = {fault.name: fault for fault in faults("recoup")}
    replay = recording.replay(found["listTemplates.413.error.missing"])
    assert replay.is_staged
    assert replay.red == ("recoup.listTemplates.body",)


def test_what_a_well_formed_reply_violates_where_it_is_staged_does_not_count(
    recording: Recording,
) -> None:
    harmless = replace(
        next(fault for fault in faults("recoup") if fault.name == "listTemplates.413.status-409"),
        change=c.change(lambda reading: reading.status == 413, c.header("x-served-by", "a")),
    )
    replay = recording.replay(harmless)
    assert replay.is_staged
    assert replay.red == ()


@pytest.mark.parametrize("provider", names())
def test_staged_replies_fit_the_contract(provider: str) -> None:
    judge = Judge(load(provider))
    staged = [(fault, fault.staged(judge)) for fault in faults(provider) if fault.staged]
    assert [fault.name for fault, reply in staged if reply is None] == []


def test_a_fault_of_one_dialect_is_none_of_the_other() -> None:
    named = {dialect: {f.name for f in faults("recoup", dialect)} for dialect in DIALECTS}
    assert "listRuns.hand.leak" in named["documented"] - named["live"]


def _selftest(clean: Clean, *words: str) -> Result:
    keys = ("--key", clean.keys.first, "--second-key", clean.keys.second)
    given = ("--provider", clean.provider, "--base-url", clean.base_url, *keys, "--sample", "3")
    return CliRunner().invoke(selftest, (*given, "--spot-checks", "1", "--seed", "7", *words))


def test_the_command_proves_on_any_url(cleans: dict[str, Clean]) -> None:
    result = _selftest(cleans["recoup"])
    assert result.exit_code == 0, result.output
    assert "MUST rules hold on the clean target" in result.output
    assert "survives" not in result.output


def test_the_command_proves_the_other_dialect() -> None:
    with served(("recoup",), "live", 50) as (clean,):
        result = _selftest(clean, "--dialect", "live")
    assert result.exit_code == 0, result.output


def test_the_command_starts_nothing_on_a_stranger_unasked(served_stranger: str) -> None:
    result = _selftest(Clean("recoup", served_stranger, _KEYS))
    assert result.exit_code == 2
    assert "confirm with --yes" in result.output


def _get(app: Any, path: str) -> httpx.Response:
    with httpx.Client(transport=AppTransport(app), base_url="http://target") as client:
        return client.get(path, headers={"x-api-key": _KEYS.first})


def test_a_fault_stands_before_any_app() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = json.dumps({"status": "success", "templates": []}).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    fault = Fault("lost", "listTemplates", "has none",
                  c.drop(c.success("listTemplates"), "templates"))  # fmt: skip
    faulty = Faulty(app, fault, load("recoup"), _KEYS, Memory())
    assert _get(faulty, "/api/content/templates").json() == {"status": "success"}
    assert "templates" in _get(faulty, "/api/artists").json()


def test_a_fault_stands_before_any_url(cleans: dict[str, Clean]) -> None:
    clean = cleans["recoup"]
    fault = Fault("gone", "listTemplates", "is gone",
                  c.change(c.success("listTemplates"), c.status(410)))  # fmt: skip
    faulty = Faulty(Forward(clean.base_url), fault, load("recoup"), clean.keys, Memory())
    assert _get(faulty, "/api/content/templates").status_code == 410
    assert _get(faulty, "/api/artists").status_code == 200
