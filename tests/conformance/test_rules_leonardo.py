"""Leonardo's rules: one run against the stand-in, then a bug planted in its log for each rule.

A rule is a pure function of the log, so a reply that is changed there is a provider that gave it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

import contracts
from conformance import jsontext, media
from conformance.engine import Run
from conformance.evidence import Evidence
from conformance.exchange import Exchange
from conformance.judging import Conditions, judge
from conformance.log import ExchangeLog
from conformance.model import Level, Tier, Verdict
from conformance.options import Options
from conformance.profiles import leonardo_uploads as uploads
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules import leonardo, lifecycle
from conformance.target import Keys, target
from simulator.app import create_app
from simulator.providers.leonardo.accounts import DEMO_KEYS
from simulator.settings import Settings
from tests.conformance.independent.leonardo import ALICE, BOB, Atelier

Json = Any
Change = Callable[[Exchange, Json], Json | tuple[int, Json] | bytes]


@dataclass(frozen=True)
class Recorded:
    """A run against the clean stand-in: its log, its rules, and what it could judge by."""

    run: Run
    readings: tuple[Reading, ...]
    rules: dict[str, Rule]

    def verdict(self, rule: str, exchanges: list[Exchange] | None = None) -> Verdict:
        """Judge one rule, on the recorded exchanges or on others."""
        log = self.run.log if exchanges is None else ExchangeLog.of(exchanges)
        evidence = Evidence(log, self.run.contracts, self.run.profile)
        has = frozenset({"media", "second-key", "failure-trigger"})
        conditions = Conditions(Tier.FUZZ, has, is_understudy=True)
        return judge((self.rules[rule],), evidence, conditions)[0].verdict


@pytest.fixture(scope="module")
def recorded() -> Iterator[Recorded]:
    app = create_app(Settings(only=("leonardo",), speed=10.0, media=False))
    options = Options("leonardo", tier=Tier.FUZZ, generator=False, wait_seconds=20.0)
    run = Run(target("http://leonardo.test", Keys(*DEMO_KEYS[:2]), app), options)
    try:
        run.identify()
        run.prepare()
        run.drive()
        evidence = Evidence(run.log, run.contracts, run.profile)
        yield Recorded(run, evidence.readings, {rule.id: rule for rule in run.rules})
    finally:
        run.close()


def changed(
    recorded: Recorded, wanted: Callable[[Reading], bool], change: Change
) -> list[Exchange]:
    """Return the exchanges with the replies to some requests changed; at least one must be."""
    found, count = [], 0
    for reading in recorded.readings:
        exchange = reading.exchange
        if wanted(reading):
            came = change(exchange, jsontext.read(exchange.reply_body).value)
            status, body = came if isinstance(came, tuple) else (exchange.status, came)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            if (status, content) != (exchange.status, exchange.reply_body):
                count += 1
            exchange = replace(exchange, status=status, reply_body=content)
        found.append(exchange)
    assert count, "nothing was planted"
    return found


def of(operation: str, *statuses: int) -> Callable[[Reading], bool]:
    return lambda r: (
        r.operation is not None
        and r.operation.id == operation
        and r.status in (statuses or (200,))
        and r.exchange.method not in ("HEAD", "OPTIONS")
    )


def probe(*names: str) -> Callable[[Reading], bool]:
    return lambda r: r.exchange.probe in names


def step(series: str, *steps: str) -> Callable[[Reading], bool]:
    return lambda r: r.exchange.series == series and r.exchange.step in steps


def put(path: str, value: Json) -> Change:
    """Put a value where a path leads; a part that is a number is a place in a list."""

    def change(exchange: Exchange, body: Json) -> Json:
        place = body
        *way, last = path.split("/")
        for part in way:
            if isinstance(place, list) and int(part) >= len(place):
                return body
            place = place[int(part)] if isinstance(place, list) else place.get(part)
            if place is None:
                return body
        place[int(last) if isinstance(place, list) else last] = value
        return body

    return change


def says(status: int, error: str, code: str = "unexpected", path: str = "$") -> Change:
    return lambda exchange, body: (status, {"error": error, "path": path, "code": code})


def is_(status: int) -> Change:
    return lambda exchange, body: (status, body)


def video(field: str, value: Json) -> Change:
    return put(f"generations_by_pk/generated_images/0/{field}", value)


_TEXT, _IMAGE = "createTextToVideoGeneration", "createImageToVideoGeneration"
_READ, _LIST, _DELETE = "getGenerationById", "getGenerationsByUserId", "deleteGenerationById"
_JOB = "motionVideoGenerationJob"
_OTHER = "00000000-0000-4000-8000-00000000beef"
_ENDED = ("poll", "after")
_STOLEN = {"generations_by_pk": {"id": _OTHER, "status": "COMPLETE", "prompt": "mine"}}
_ROW = {"id": _OTHER, "url": "http://leonardo.test/a.png", "createdAt": "2026-08-01T09:14:40.429"}


def twice(exchange: Exchange, body: Json) -> Json:
    return {"generations": [*body["generations"], *body["generations"]] * 60}


def still_there(exchange: Exchange, body: Json) -> Json:
    return {"generations": [{"id": exchange.subject, "status": "COMPLETE"}]}


def turned(exchange: Exchange, body: Json) -> Json:
    return {"generations": body["generations"][::-1]}


def about(name: str, subject: str) -> Callable[[Reading], bool]:
    return lambda r: r.exchange.probe == name and r.exchange.subject == subject


TOKENS_GONE = put("user_details/0/apiPaidTokens", 7)


def for_years(exchange: Exchange, body: Json) -> Json:
    pairs = json.loads(body["uploadInitImage"]["fields"])
    policy = json.loads(base64.b64decode(pairs["Policy"]))
    policy["expiration"] = "2099-01-01T00:00:00Z"
    pairs["Policy"] = base64.b64encode(json.dumps(policy).encode()).decode()
    body["uploadInitImage"]["fields"] = json.dumps(pairs)
    return body


def fraction(exchange: Exchange, body: Json) -> Json:
    body["user_details"][0]["subscriptionTokens"] = 0.5
    return body


PLANTED: dict[str, tuple[Callable[[Reading], bool], Change]] = {
    "leonardo.errors.envelope": (of(_TEXT, 400), lambda e, b: {"message": "no"}),
    "leonardo.errors.path-unknown": (probe("methods.unknown-path"), says(404, "Not Found")),
    "leonardo.errors.method": (probe("methods.undeclared"), says(405, "no", "not-allowed")),
    "leonardo.errors.id-form": (probe("reads.no-uuid"), lambda e, b: (200, _STOLEN)),
    "leonardo.key.unknown": (probe("key.unknown"), says(401, "Unauthorized", "access-denied")),
    "leonardo.key.unknown-bytes": (probe("key.unknown"), lambda e, b: json.dumps(b).encode()),
    "leonardo.key.malformed": (probe("key.malformed"), is_(400)),
    "leonardo.key.missing": (probe("key.missing"), is_(403)),
    "leonardo.words.required": (of("uploadInitImage", 400), says(400, "extension is required")),
    "leonardo.words.unreadable": (probe("malformed.cut-off"), says(400, "no JSON", "parse-failed")),
    "leonardo.words.unknown-field": (probe("words.unknown-field"), says(400, "unknown field")),
    "leonardo.words.type": (probe("validation.type"), says(400, "wrong", "unexpected")),
    "leonardo.words.enum": (probe("validation.enum"), is_(200)),
    "leonardo.words.resolution": (probe("words.resolution"), says(400, "no such resolution")),
    "leonardo.words.extension": (probe("words.extension"), says(400, "Invalid extension")),
    "leonardo.words.long-prompt": (probe("words.long-prompt"), says(400, "too long")),
    "leonardo.words.init-image": (probe("words.init-image"), is_(200)),
    "leonardo.words.generation-id": (probe("words.generation-id"), says(400, "no such image")),
    "leonardo.words.moderated": (probe("words.moderated"), is_(200)),
    "leonardo.getGenerationById.clients": (of(_READ), put("generations_by_pk/imageWidth", None)),
    "leonardo.getGenerationById.client-names": (
        of(_READ), put("generations_by_pk/sdVersion", None),
    ),
    "leonardo.getGenerationById.same": (of(_READ), put("generations_by_pk/id", _OTHER)),
    "leonardo.getGenerationById.created-at": (of(_LIST), put("generations/0/createdAt", "today")),
    "leonardo.unknown-id": (probe("methods.unknown-id"), is_(400)),
    "leonardo.getGenerationById.pending": (
        step("text-to-video", "poll"),
        lambda e, b: json.loads(json.dumps(b).replace('"COMPLETE"', '"PENDING"')),
    ),
    "leonardo.getGenerationById.video": (
        step("image-to-video", *_ENDED), video("motionMP4URL", None),
    ),
    "leonardo.getGenerationById.poster": (
        step("text-to-video", *_ENDED), video("url", "http://leonardo.test/poster.jpg"),
    ),
    "leonardo.getGenerationById.motion": (step("image-to-video", *_ENDED), video("motion", False)),
    "leonardo.getGenerationById.motion-places": (
        step("text-to-video", *_ENDED), video("motion", None),
    ),
    "leonardo.getGenerationById.echo": (
        step("text-to-video", *_ENDED), put("generations_by_pk/seed", 43),
    ),
    "leonardo.getGenerationById.strength": (
        step("svd", *_ENDED), put("generations_by_pk/motionStrength", 9),
    ),
    "leonardo.media.enlarged": (step("video-upscale", "media"), lambda e, b: media.png()),
    "leonardo.media.kinds": (step("text-to-video", "media"), lambda e, b: b"\xff\xd8\xff\xe0"),
    "leonardo.getGenerationsByUserId.agrees": (probe("list.own"), lambda e, b: {"generations": []}),
    "leonardo.getGenerationsByUserId.limit": (probe("list.one"), twice),
    "leonardo.getGenerationsByUserId.offset": (probe("list.window-inside"), turned),
    "leonardo.getGenerationsByUserId.newest-first": (probe("list.own"), turned),
    "leonardo.getGenerationById.ownership": (
        step("text-to-video", f"foreign:{_READ}"), lambda e, b: _STOLEN,
    ),
    "leonardo.getGenerationsByUserId.ownership": (probe("list.foreign"), still_there),
    "leonardo.deleteGenerationById.ownership": (
        probe("delete.survives"), lambda e, b: {"generations_by_pk": None},
    ),
    "leonardo.deleteGenerationById.names": (
        probe("delete.own"), lambda e, b: {"delete_generations_by_pk": None},
    ),
    "leonardo.deleteGenerationById.gone": (probe("delete.list"), still_there),
    "leonardo.success.status": (of(_DELETE), is_(204)),
    "leonardo.create.wrapper": (
        of(_IMAGE), lambda e, b: {"motionSvdGenerationJob": b[_JOB]},
    ),
    "leonardo.create.id": (of(_TEXT), put(f"{_JOB}/generationId", "i8j9k0l1-m2n3")),
    "leonardo.create.credits": (of(_TEXT), put(f"{_JOB}/apiCreditCost", 0.43)),
    "leonardo.create.cost": (of(_TEXT), put(f"{_JOB}/cost", {"amount": 0.01, "unit": "DOLLARS"})),
    "leonardo.create.unique": (of(_TEXT), put(f"{_JOB}/generationId", _OTHER)),
    f"leonardo.{_TEXT}.offered": (probe("models.accepted"), is_(400)),
    f"leonardo.{_TEXT}.not-offered": (probe("models.refused"), is_(200)),
    f"leonardo.{_TEXT}.not-offered-in-guides": (probe("models.refused"), is_(200)),
    f"leonardo.{_TEXT}.query": (probe("models.query"), is_(400)),
    f"leonardo.{_IMAGE}.uploaded": (step("image-nulls", "create"), is_(400)),
    f"leonardo.{_IMAGE}.end-frame": (step("end-frame-kling", "create"), is_(400)),
    f"leonardo.{_IMAGE}.no-end-frame": (step("end-frame-veo", "create"), is_(200)),
    "leonardo.uploadInitImage.form": (of("uploadInitImage"), put("uploadInitImage/fields", {})),
    "leonardo.uploadMedia.form": (of("uploadMedia"), put("uploadMedia/uploadId", 7)),
    "leonardo.uploadInitImage.stores": (step("start-frame", "upload"), lambda e, b: (200, b"")),
    "leonardo.uploadInitImage.no-key": (
        step("start-frame", "upload-authorized"), lambda e, b: (204, b""),
    ),
    "leonardo.getInitImageById.uploaded": (
        step("start-frame", "stored"), lambda e, b: {"init_images_by_pk": None},
    ),
    "leonardo.getInitImageById.file": (
        step("start-frame", "stored-file"), lambda e, b: b"<html></html>",
    ),
    "leonardo.uploadInitImage.unique": (
        of("uploadInitImage"), put("uploadInitImage/key", "users/1/frame.png"),
    ),
    "leonardo.uploadInitImage.extensions": (probe("uploads.extension"), is_(400)),
    "leonardo.uploadInitImage.no-json": (
        step("start-frame", "upload-as-json"), lambda e, b: (204, b""),
    ),
    "leonardo.uploadInitImage.signed": (
        step("start-frame", "upload-tampered"), lambda e, b: (204, b""),
    ),
    "leonardo.getInitImageById.file-same": (
        step("start-frame", "stored-file"), lambda e, b: e.reply_body + b"\0",
    ),
    f"leonardo.{_IMAGE}.frames": (probe("frames.lost"), is_(200)),
    f"leonardo.{_IMAGE}.generated": (step("generated-frame", "create"), is_(400)),
    f"leonardo.{_IMAGE}.offered": (probe("frames.accepted"), is_(400)),
    f"leonardo.{_IMAGE}.not-offered": (probe("frames.refused"), is_(200)),
    f"leonardo.{_IMAGE}.not-offered-in-guides": (probe("frames.refused"), is_(200)),
    "leonardo.getGenerationById.images": (
        step("image", *_ENDED), put("generations_by_pk/imageWidth", 1024),
    ),
    "leonardo.getGenerationsByUserId.user": (probe("list.stranger"), still_there),
    "leonardo.create.charged": (about("account.after", "text"), TOKENS_GONE),
    "leonardo.create.refunded": (about("account.after", "fails"), TOKENS_GONE),
    "leonardo.create.refused-free": (about("account.unmoved", "moderated"), TOKENS_GONE),
    "leonardo.pricingCalculator.depends": (
        probe("price"), put("calculateProductionApiServiceCost/cost", 25),
    ),
    "leonardo.getGenerationsByUserId.every-status": (
        probe("account.list-ended"), lambda e, b: {"generations": []},
    ),
    f"leonardo.{_IMAGE}.query": (probe("frames.query"), is_(400)),
    f"leonardo.{_TEXT}.told-size": (
        about("films.end", "KLING2_5-portrait"), put("generations_by_pk/imageWidth", 1920),
    ),
    "leonardo.images.kinds": (about("kinds.right", "init-image"), is_(400)),
    "leonardo.images.not-varied": (about("kinds.worded", "unzoom-unflagged"), is_(200)),
    "leonardo.images.other-kind": (about("kinds.wrong", "generated-as-uploaded"), is_(200)),
    "leonardo.images.forged": (about("forged.used", "other-kind"), is_(200)),
    "leonardo.getGenerationById.variations": (
        probe("kinds.source"), video("generated_image_variation_generics", []),
    ),
    "leonardo.createGeneration.offered": (about("pictures.accepted", "seed-0"), is_(400)),
    "leonardo.createGeneration.not-offered": (about("pictures.refused", "five-tall"), is_(200)),
    "leonardo.createGeneration.flux-seed": (about("pictures.flux", "seed-larger"), is_(200)),
    "leonardo.words.dimensions": (about("words.dimensions", "narrow"), says(400, "too small")),
    "leonardo.uploadInitImage.pairs": (
        step("start-frame", "upload-changed"), lambda e, b: (204, b""),
    ),
    "leonardo.uploadInitImage.part": (
        step("start-frame", "upload-unmade"), lambda e, b: (204, b""),
    ),
    "leonardo.uploadInitImage.two-minutes": (of("uploadInitImage"), for_years),
    "leonardo.uploadMedia.stores": (step("start-frame", "upload-media"), lambda e, b: (200, b"")),
    "leonardo.words.not-generated": (probe("words.not-generated"), says(400, "not found")),
    "leonardo.words.no-variation": (probe("words.no-variation"), says(400, "not found")),
    "leonardo.words.model": (probe("words.model"), says(400, "no such model")),
    "leonardo.getInitImageById.ownership": (
        step("start-frame", "foreign-read"), lambda e, b: {"init_images_by_pk": _ROW},
    ),
    "leonardo.deleteInitImageById.gone": (
        step("start-frame", "deleted"), lambda e, b: {"init_images_by_pk": _ROW},
    ),
    "leonardo.getUserSelf.tokens": (of("getUserSelf"), fraction),
    "leonardo.getUserSelf.caller": (of("getUserSelf"), lambda e, b: {"user_details": []}),
    "leonardo.getUserSelf.accounts": (of("getUserSelf"), put("user_details/0/user/id", _OTHER)),
    "leonardo.listElements.weights": (of("listElements"), put("loras/0/weightDefault", 1.5)),
    "leonardo.listElements.models": (of("listElements"), put("loras/0/baseModel", "KINO_2_1")),
    "leonardo.listPlatformModels.ids": (
        of("listPlatformModels"), put("custom_models/0/id", "model-1"),
    ),
    "leonardo.pricingCalculator.cost": (
        of("pricingCalculator"), put("calculateProductionApiServiceCost/cost", 0.048),
    ),
    "leonardo.getVariationById.transform": (
        of("getVariationById"), put("generated_image_variation_generic/0/transformType", "INPAINT"),
    ),
    "leonardo.getMotionVariationById.upscale": (
        of("getMotionVariationById"),
        put("generated_image_variation_motion/0/motionTransformType", "LARGER"),
    ),
    "leonardo.getVariationById.ownership": (
        step("upscale", "foreign:getVariationById"),
        lambda e, b: {"generated_image_variation_generic": [_ROW]},
    ),
    "leonardo.getMotionVariationById.ownership": (
        step("video-upscale", "foreign:getMotionVariationById"),
        lambda e, b: {"generated_image_variation_motion": [_ROW]},
    ),
}  # fmt: skip
"""A bug for each rule that the stand-in's replies can show."""

_ELSEWHERE = {
    "leonardo.media.size", "leonardo.media.image-size", "leonardo.create.price",
    f"leonardo.{_TEXT}.length", f"leonardo.{_TEXT}.size",
}  # fmt: skip
"""They have tests of their own: the stand-in that is recorded here draws no films."""


def _own(recorded: Recorded) -> list[str]:
    setting = recorded.run.setting
    shared = {rule.id for rule in lifecycle.rules(setting)}
    return [rule.id for rule in leonardo.rules(setting) if rule.id not in shared]


def test_every_rule_has_a_bug(recorded: Recorded) -> None:
    assert set(_own(recorded)) - set(PLANTED) == _ELSEWHERE
    assert set(PLANTED) <= set(recorded.rules)


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_bug_reddens_its_rule(recorded: Recorded, rule: str) -> None:
    assert recorded.verdict(rule) is Verdict.PASS
    wanted, change = PLANTED[rule]
    red = Verdict.FAIL if recorded.rules[rule].level is Level.MUST else Verdict.WARN
    assert recorded.verdict(rule, changed(recorded, wanted, change)) is red


def test_a_price_that_is_told_in_two_ways_is_noticed(recorded: Recorded) -> None:
    """The stand-in tells prices in dollars: only its calculator tells credits."""
    assert recorded.verdict("leonardo.create.price") is Verdict.SKIP
    for amount, verdict in (("200", Verdict.PASS), ("25", Verdict.FAIL)):
        told = put(f"{_JOB}/cost", {"amount": amount, "unit": "CREDITS"})
        exchanges = changed(recorded, about("account.job", "text"), told)
        assert recorded.verdict("leonardo.create.price", exchanges) is verdict


def test_an_image_of_another_size_is_noticed(recorded: Recorded) -> None:
    def drawn(width: int) -> Change:
        return lambda exchange, body: media.png(width, 512)

    for width, verdict in ((640, Verdict.PASS), (512, Verdict.FAIL)):
        exchanges = changed(recorded, step("image", "media"), drawn(width))
        assert recorded.verdict("leonardo.media.image-size", exchanges) is verdict


def unlimited(rows: Callable[[list[Json]], list[Json]]) -> Change:
    return lambda exchange, body: {"generations": rows(body["generations"])}


@pytest.mark.parametrize("count", [5, 11, 20])
def test_a_list_without_a_limit_that_shows_no_ten_is_noticed(
    recorded: Recorded, count: int
) -> None:
    rule, rows = "leonardo.getGenerationsByUserId.limit", unlimited(lambda rows: (rows * 2)[:count])
    assert recorded.verdict(rule, changed(recorded, probe("list.default"), rows)) is Verdict.FAIL


def test_a_limit_of_nothing_is_no_documented_limit(recorded: Recorded) -> None:
    rule = "leonardo.getGenerationsByUserId.limit"
    exchanges = changed(
        recorded, probe("list.zero"), lambda e, b: {"generations": [{"id": _OTHER}]}
    )
    evidence = Evidence(ExchangeLog.of(exchanges), recorded.run.contracts, recorded.run.profile)
    conditions = Conditions(Tier.FUZZ, frozenset({"second-key"}))
    assert recorded.verdict(rule, exchanges) is Verdict.FAIL
    assert judge((recorded.rules[rule],), evidence, conditions)[0].verdict is Verdict.WARN


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("cut", uploads.PICTURE[:60], 200),
        ("flipped", uploads.PICTURE[:60] + b"\0" + uploads.PICTURE[61:], 200),
        ("smaller", media.png(16, 16), 200),
        ("missing", b"", 404),
    ],
)
def test_an_uploaded_image_that_is_not_given_back_whole_is_noticed(
    recorded: Recorded, kind: str, content: bytes, status: int
) -> None:
    rule, where = "leonardo.getInitImageById.file", step("start-frame", "stored-file")
    assert recorded.verdict(rule) is Verdict.PASS
    exchanges = changed(recorded, where, lambda e, b: (status, content))
    assert recorded.verdict(rule, exchanges) is Verdict.FAIL


def test_lifecycles_are_judged_with_evidence(recorded: Recorded) -> None:
    for rule in lifecycle.rules(recorded.run.setting):
        assert recorded.verdict(rule.id) in (Verdict.PASS, Verdict.WARN), rule.id


def wider(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("generations_by_pk"):
        answer["generations_by_pk"]["imageWidth"] += 8
    return answer


def test_a_video_of_another_size_is_noticed() -> None:
    run = Run(
        target("http://atelier.test", Keys(ALICE, BOB), Atelier(twist=wider).app()),
        Options("leonardo", tier=Tier.PAID, only=("leonardo.media.size",), wait_seconds=20.0),
    )
    try:
        run.prepare()
        run.drive()
        assert run.conclude().verdict("leonardo.media.size") is Verdict.WARN
    finally:
        run.close()


def test_a_status_that_goes_back_is_noticed(recorded: Recorded) -> None:
    back = put("generations_by_pk/status", "PENDING")
    exchanges = changed(recorded, step("text-to-video", "after"), back)
    for word in ("forward", "sticky"):
        rule = f"leonardo.lifecycle.text-to-video.{word}"
        assert recorded.verdict(rule) is Verdict.PASS
        assert recorded.verdict(rule, exchanges) is Verdict.FAIL


def test_a_key_that_is_no_uuid_starts_no_job() -> None:
    """Leonardo's 500 to a malformed key is no job that has to be paid."""
    run = Run(
        target("http://atelier.test", Keys(ALICE, BOB), Atelier().app()),
        Options(
            "leonardo",
            tier=Tier.VALIDATION,
            only=("leonardo.createTextToVideoGeneration.credential",),
        ),
    )
    try:
        run.prepare()
        run.drive()
        assert any(exchange.status == 500 for exchange in run.log)
        assert run.conclude().spent.jobs == 0
    finally:
        run.close()


def test_contract_is_the_same_in_both_dialects() -> None:
    """Rules are made from one contract; a second one would have to be looked at here."""
    assert contracts.load("leonardo").digest == contracts.load("leonardo", "live").digest


def test_small_budget_judges_every_refusal() -> None:
    """Refusals that run side by side wait for each other's answers, they do not go unsent."""
    run = Run(
        target("http://atelier.test", Keys(ALICE, BOB), Atelier().app()),
        Options("leonardo", tier=Tier.PAID, max_jobs=1, only=(f"leonardo.{_TEXT}.type",)),
    )
    try:
        run.prepare()
        run.drive()
        result = run.conclude()
        assert result.verdict(f"leonardo.{_TEXT}.type") is Verdict.PASS
        assert result.spent.jobs == 0
    finally:
        run.close()
