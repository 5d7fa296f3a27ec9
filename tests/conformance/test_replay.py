"""Failures are made small, kept in a file without keys, and sent again from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance import check, failures
from conformance.engine import Run
from conformance.model import Tier, Verdict
from conformance.options import Options
from conformance.reading import Reading
from conformance.result import Result
from conformance.target import Keys, target
from tests.conformance.targets import FIRST, SECOND, Target

ORIGIN = "http://target.test"
Change = Callable[[Reading, int, Any], tuple[int, Any]]


def teapot_if(asks: Callable[[Reading], bool]) -> Change:
    def change(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
        return (418, {"error": "short and stout"}) if asks(reading) else (status, answer)

    return change


def compares(reading: Reading) -> bool:
    """The planted bug: what has the parameter `compare` is answered by a teapot."""
    return "compare" in reading.query


def has_a_ratio(reading: Reading) -> bool:
    """The planted bug: what has the field `aspect_ratio` is answered by a teapot."""
    return "aspect_ratio" in reading.body


def judged(app: Target, **options: Any) -> Result:
    given: dict[str, Any] = {"tier": Tier.FUZZ, "generator": False, "wait_seconds": 0.3, **options}
    return check(provider="recoup", app=app, keys=(FIRST, SECOND), base_url=ORIGIN, **given)


def first_request(result: Result, rule: str) -> Any:
    failed = next(each for each in result.failed if each.rule.id == rule)
    return result.log[failed.failures[0].exchange]


def test_a_query_is_made_as_small_as_the_bug() -> None:
    rule = "recoup.estimateContent.status"
    app = Target(change=teapot_if(compares), is_understudy=True)
    exchange = first_request(judged(app, only=(rule,)), rule)
    assert list(parse_qs(urlsplit(exchange.url).query)) == ["compare"]


def test_a_body_is_made_as_small_as_the_bug() -> None:
    rule = "recoup.createVideo.status"
    app = Target(change=teapot_if(has_a_ratio), is_understudy=True)
    exchange = first_request(judged(app, only=(rule,)), rule)
    assert set(json.loads(exchange.request_body)) == {"image_url", "aspect_ratio"}  # one is needed


def test_nothing_that_could_cost_is_sent_to_make_it_smaller() -> None:
    rule = "recoup.createVideo.status"
    app = Target(
        change=teapot_if(lambda r: r.operation is not None and r.operation.id == "createVideo")
    )
    options: dict[str, Any] = {"only": (rule,), "tier": Tier.VALIDATION}
    unshrunk = judged(app, shrink=False, **options)
    before = len(app.recording.writes())
    app.recording.calls.clear()
    shrunk = judged(app, **options)
    assert unshrunk.verdict(rule) is shrunk.verdict(rule) is Verdict.FAIL
    assert len(app.recording.writes()) == before


def test_what_is_sent_to_make_it_smaller_is_bounded() -> None:
    def requests(*, shrink: bool) -> int:
        app = Target(change=teapot_if(has_a_ratio), is_understudy=True)
        judged(app, only=("recoup.createVideo.status",), shrink=shrink)
        return len(app.recording.calls)

    assert 0 < requests(shrink=True) - requests(shrink=False) <= 40


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """What a run against the planted bug has kept."""
    app = Target(change=teapot_if(compares), is_understudy=True)
    path = tmp_path / "failures.json"
    path.write_bytes(failures.dump(judged(app, only=("recoup.estimateContent",))))
    return path


def replayed(app: Target, path: Path) -> Result:
    held = failures.load(path)
    rules = tuple(each.rule for each in held.failures)
    options = Options("recoup", tier=held.tier, only=rules, shrink=False, wait_seconds=0.3)
    run = Run(target(ORIGIN, Keys(FIRST, SECOND), app), options)
    try:
        run.identify()
        run.prepare()
        run.replay(held)
        return run.conclude()
    finally:
        run.close()


def test_kept_failures_hold_no_key(kept: Path) -> None:
    assert FIRST not in kept.read_text()
    assert "<first>" in kept.read_text()


def test_replay_sends_exactly_what_was_kept_and_fails_again(kept: Path) -> None:
    app = Target(change=teapot_if(compares), is_understudy=True)
    result = replayed(app, kept)
    assert result.exit_code == 1
    asked = [path for _, path, _ in app.recording.calls if "_understudy" not in path]
    sent = [each for failure in failures.load(kept).failures for each in failure.exchanges]
    assert len(asked) == len(sent) > 0
    assert set(asked) == {"/api/content/estimate"}


def test_replay_after_the_repair_is_conformant(kept: Path) -> None:
    result = replayed(Target(is_understudy=True), kept)
    assert result.exit_code == 0
    assert {each.verdict for each in result.results} == {Verdict.PASS}


def test_a_lifecycle_is_made_anew(tmp_path: Path) -> None:
    rule = "recoup.lifecycle.image.media"  # the small target serves no files
    result = judged(Target(is_understudy=True), only=(rule,))
    assert result.verdict(rule) is Verdict.FAIL
    path = tmp_path / "failures.json"
    path.write_bytes(failures.dump(result))
    app = Target(is_understudy=True)
    assert replayed(app, path).exit_code == 1
    assert ("POST", "/api/content/image") in {call[:2] for call in app.recording.calls}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"version": 2}', b'{"version": 1}'])
def test_another_file_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "failures.json"
    path.write_bytes(content)
    with pytest.raises(failures.NotKept) as caught:
        failures.load(path)
    assert "\n" not in str(caught.value)
