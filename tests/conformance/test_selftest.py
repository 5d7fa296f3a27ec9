"""The proof of the suite: faults that do their work, a sample of them judged, the table kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from conformance import profiles
from conformance.inprocess import AppTransport
from conformance.model import Level
from conformance.rules import rules_for
from conformance.selftest import changes as c
from conformance.selftest import document
from conformance.selftest.fault import Fault, Memory
from conformance.selftest.live import Clean
from conformance.selftest.outcome import Outcome, Proof, State, Way
from conformance.selftest.proving import Wanted, faults, prove, record
from conformance.selftest.server import served
from conformance.selftest.wrapper import Faulty, Forward
from conformance.target import Keys
from contracts import load, names

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


def test_what_breaks_no_rule_survives(cleans: dict[str, Clean]) -> None:
    recording, _ = record(cleans["recoup"], "documented")
    adds = c.change(c.success("listTemplates"), c.header("x-served-by", "a"))
    harmless = Fault("harmless", "listTemplates", "adds a header", adds)
    replay = recording.replay(harmless)
    assert replay.touched
    assert not replay.red


def test_a_survivor_by_hand_is_a_complaint() -> None:
    fault = Fault("quiet", "listTemplates", "does nothing", lambda reading, memory: None)
    proof = Proof("recoup", (), (Outcome(fault, Way.LIVE, 1, ()),), 0.0)
    assert any("quiet" in complaint for complaint in proof.complaints)


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
