"""What no source says is refused blames a server for less than what one says."""

from __future__ import annotations

import json
from collections.abc import Iterable

import contracts
from conformance.evidence import Evidence
from conformance.exchange import Exchange
from conformance.log import ExchangeLog
from conformance.model import Finding
from conformance.profiles import leonardo
from conformance.rules import rules_for

_BASE = "http://t/api/rest/v1"
_KIND = ("content-type", "application/json")
_CONTRACT = contracts.load("leonardo")


def found(rule_id: str, *said: tuple[str, object, int, object]) -> list[Finding]:
    """What a rule finds in a log: path, body, status and answer of each request."""
    rule = next(r for r in rules_for((_CONTRACT,), leonardo.PROFILE) if r.id == rule_id)
    log = ExchangeLog.of(list(_exchanges(said)))
    return list(rule.check(Evidence(log, (_CONTRACT,), leonardo.PROFILE)))


def _exchanges(said: Iterable[tuple[str, object, int, object]]) -> Iterable[Exchange]:
    headers = (("authorization", "Bearer <first>"), _KIND)
    for path, body, status, answer in said:
        sent, got = json.dumps(body).encode(), json.dumps(answer).encode()
        yield Exchange(0, "POST", _BASE + path, headers, sent, status, (_KIND,), got, 0.0, 1.0)


def test_an_unknown_member_within_a_member_is_assumed_to_be_refused() -> None:
    job = {"motionVideoGenerationJob": {"generationId": "1f197fd2-30f6-6e90-a026-b7ffcf2cba29"}}
    rule, path = "leonardo.createTextToVideoGeneration.closed", "/generations-text-to-video"
    within = {"prompt": "A dog", "elements": [{"akUUID": "a", "x_unknown": 1}]}
    (inner,) = found(rule, (path, within, 200, job))
    assert (inner.holds, inner.provenance) == (False, "assumed")


def test_an_enlarged_video_may_keep_its_generation_for_its_variation_is_new() -> None:
    one = "1f197fd2-30f6-6e90-a026-b7ffcf2cba29"
    made = {"motionVideoGenerationJob": {"generationId": one}}
    body = {"sourceGenerationId": one, "resolution": "RESOLUTION_720"}

    def larger(variation: str) -> tuple[str, object, int, object]:
        job = {"generationId": one, "variationId": variation}
        return ("/generations-video-upscale", body, 200, {"motionVideoGenerationJob": job})

    start = ("/generations-text-to-video", {"prompt": "A dog"}, 200, made)
    rule = "leonardo.create.unique"
    assert all(each.holds for each in found(rule, start, larger("a"), larger("b")))
    assert not all(each.holds for each in found(rule, start, larger("a"), larger("a")))
    assert not all(each.holds for each in found(rule, start, start))
