"""A Leonardo that this project's rules do not know comes out conformant; broken ones do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from conformance import check
from conformance.model import Level, Tier, Verdict
from conformance.result import Result
from tests.conformance.independent.leonardo import ALICE, BOB, Atelier
from tests.conformance.independent.tampering import Asked, Before, tampered

OPERATIONS = (
    "createImageToVideoGeneration",
    "createTextToVideoGeneration",
    "createSVDMotionGeneration",
    "getGenerationById",
    "deleteGenerationById",
    "getGenerationsByUserId",
    "uploadInitImage",
    "getInitImageById",
    "deleteInitImageById",
    "getUserSelf",
    "listPlatformModels",
    "listElements",
)
"""It makes videos only: no images, no variations, no prices."""


def judged(atelier: Atelier, before: Before | None = None, **options: Any) -> Result:
    given: dict[str, Any] = {
        "tier": Tier.FUZZ, "generator": False, "trigger": ("", "a cursed puppet"),
        "wait_seconds": 20.0, "operations": OPERATIONS,
    }  # fmt: skip
    return check(
        provider="leonardo",
        app=tampered(atelier.app(), before) if before else atelier.app(),
        keys=(ALICE, BOB),
        base_url="http://atelier.test",
        **{**given, **options},
    )


def test_it_is_conformant_with_evidence_for_every_rule() -> None:
    result = judged(Atelier())
    assert [(each.rule.id, each.failures[0].message) for each in result.failed] == []
    open_musts = [
        each.rule.id
        for each in result.results
        if each.verdict is Verdict.INCONCLUSIVE and each.rule.level is Level.MUST
    ]
    assert open_musts == []
    assert result.exit_code == 0
    own = [each for each in result.results if each.rule.source.startswith("[")]
    assert sum(each.verdict is Verdict.PASS for each in own) > 40


Twist = Callable[[str, dict[str, Any]], dict[str, Any]]


class StoresUnsigned(Atelier):
    """Stores whatever form comes with a file."""

    async def store(self, request: Request) -> Response:
        """Take a form without looking at its signature."""
        async with request.form() as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                self.pictures[str(form.get("key"))] = await file.read()
        return Response(status_code=204)


class ChargesTwice(Atelier):
    """Takes a job's price twice."""

    def _start(self, request: Request, user: str, body: dict[str, Any]) -> dict[str, Any]:
        made = super()._start(request, user, body)
        self.spent[user] += 25
        return made


def cost_as_number(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    job = answer.get("motionVideoGenerationJob")
    return (
        {"motionVideoGenerationJob": {**job, "cost": {**job["cost"], "amount": 25}}}
        if job
        else answer
    )


def images_too_early(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    found = answer.get("generations_by_pk")
    if not found or found["status"] != "PENDING":
        return answer
    early = {"id": ALICE, "url": "http://atelier.test/cdn/early.jpg", "nsfw": False}
    return {"generations_by_pk": {**found, "generated_images": [early]}}


def posters_for_videos(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    found = answer.get("generations_by_pk")
    for image in found["generated_images"] if found else ():
        image["motionMP4URL"] = image["url"]
    return answer


def pages_that_overlap(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    rows = answer.get("generations")
    return {"generations": [*rows, rows[-1]]} if rows else answer


BROKEN: dict[str, Twist] = {
    each.__name__: each
    for each in (cost_as_number, images_too_early, posters_for_videos, pages_that_overlap)
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_is_not(name: str) -> None:
    result = judged(Atelier(twist=BROKEN[name]))
    assert result.exit_code == 1
    assert any(each.rule.level is Level.MUST for each in result.failed)


def _with(**values: Any) -> Twist:
    """Return a twist that puts values into every generation."""

    def twist(path: str, answer: dict[str, Any]) -> dict[str, Any]:
        for each in (answer.get("generations_by_pk"), *(answer.get("generations") or ())):
            if isinstance(each, dict):
                each.update(values)
        return answer

    return twist


VARIANTS: dict[str, Twist] = {
    "sdVersion null": _with(sdVersion=None),
    "sdVersion seen live": _with(sdVersion="KINO_2_1"),
    "scheduler null": _with(scheduler=None),
}
"""What documents, clients and live replies disagree on."""


@pytest.mark.parametrize("name", VARIANTS)
def test_other_side_of_a_disagreement_is_conformant(name: str) -> None:
    result = judged(Atelier(twist=VARIANTS[name]))
    failed = [each.rule.id for each in result.failed if each.rule.level is Level.MUST]
    assert failed == []
    assert result.exit_code == 0
    assert result.verdict("leonardo.getGenerationById.client-names") is not Verdict.PASS


def test_a_form_without_an_absolute_url_is_a_verdict() -> None:
    def relative(path: str, answer: dict[str, Any]) -> dict[str, Any]:
        form = answer.get("uploadInitImage")
        return {"uploadInitImage": {**form, "url": "/bucket/"}} if form else answer

    result = judged(Atelier(twist=relative), only=("leonardo.uploadInitImage.form",))
    assert result.verdict("leonardo.uploadInitImage.form") is Verdict.FAIL


def test_one_that_forgets_whose_a_video_is_is_not() -> None:
    result = judged(Atelier(forgets_owner=True))
    assert result.verdict("leonardo.getGenerationById.ownership") is Verdict.FAIL


def test_what_is_only_assumed_is_a_note() -> None:
    """A storage that reads no policy, and a price that is taken twice, break no document."""
    for kind, rule in (
        (StoresUnsigned, "uploadInitImage.signed"),
        (ChargesTwice, "create.charged"),
    ):
        result = judged(kind(), only=(f"leonardo.{rule}",))
        assert result.verdict(f"leonardo.{rule}") is Verdict.WARN
        assert result.exit_code == 0


def test_nothing_is_created_without_being_asked_for() -> None:
    atelier = Atelier()
    result = judged(atelier, tier=None)
    assert result.exit_code == 0
    assert atelier.jobs == {}
    assert result.spent.jobs == 0


_IMAGE = "createImageToVideoGeneration"


def test_a_constraint_is_seen_not_to_be_enforced_though_it_shows_with_a_real_image_only() -> None:
    """A server that looks for the image first refuses every request whose image is not there."""
    atelier = Atelier()

    def lax(asked: Asked) -> None:
        if asked.path.endswith("-image-to-video") and asked.given.get("imageId") in atelier.images:
            kept = {name: value for name, value in asked.given.items() if name != "styleIds"}
            asked.put(kept)

    rule = f"leonardo.{_IMAGE}.type"
    result = judged(atelier, before=lax, only=(rule,))
    assert result.verdict(rule) is Verdict.FAIL
    failed = next(each for each in result.results if each.rule.id == rule)
    assert {each.case for each in failed.failures} >= {"styleIds"}


def test_the_places_of_an_end_frame_are_broken_where_an_end_frame_is_taken() -> None:
    atelier = Atelier()

    def lax(asked: Asked) -> None:
        end = asked.given.get("endFrameImage")
        if not isinstance(end, dict) or end.get("id") not in atelier.images:
            return
        if asked.given.get("model") == "KLING2_1":
            asked.put({**asked.given, "endFrameImage": {**end, "type": "UPLOADED"}})

    rule = f"leonardo.{_IMAGE}.enum"
    assert judged(atelier, before=lax, only=(rule,)).verdict(rule) is Verdict.FAIL


class StoresAnything(Atelier):
    """Stores whatever bytes come with a signed form."""

    async def store(self, request: Request) -> Response:
        """Take every file for the picture that was announced."""
        async with request.form() as form:
            file, given = form.get("file"), {n: v for n, v in form.items() if n != "file"}
            if not isinstance(file, UploadFile) or given not in [
                each["pairs"] for each in self.images.values()
            ]:
                return Response(status_code=403)
            self.pictures[str(form.get("key"))] = await file.read()
        return Response(status_code=204)


def test_a_video_of_a_file_that_is_no_png_is_noted() -> None:
    result = judged(StoresAnything(), only=("leonardo.images.forged",))
    assert result.verdict("leonardo.images.forged") is Verdict.WARN


class HidesFailures(Atelier):
    """Lists what has not failed."""

    def _listing(self, request: Request, user: str, body: dict[str, Any]) -> dict[str, Any]:
        rows = super()._listing(request, user, body)["generations"]
        return {"generations": [row for row in rows if row["status"] != "FAILED"]}


def test_a_list_without_what_failed_is_a_failure() -> None:
    rule = "leonardo.getGenerationsByUserId.every-status"
    assert judged(HidesFailures(), only=(rule,)).verdict(rule) is Verdict.FAIL


class OneFilm(Atelier):
    """Gives the same film for every video, whatever was asked."""

    async def fetch(self, request: Request) -> Response:
        """Forget what was asked before the film is made."""
        self.jobs = {name: {**job, "body": {}} for name, job in self.jobs.items()}
        return await super().fetch(request)


def test_a_film_of_another_length_is_a_failure() -> None:
    rule = "leonardo.createTextToVideoGeneration.length"
    assert judged(OneFilm(), only=(rule,)).verdict(rule) is Verdict.FAIL
    assert judged(Atelier(), only=(rule,)).verdict(rule) is Verdict.PASS


def test_the_files_of_a_target_without_media_are_left_alone() -> None:
    rules = (
        "leonardo.createTextToVideoGeneration.length",
        "leonardo.lifecycle.text-to-video.media",
    )
    result = judged(OneFilm(), only=rules, media=False)
    assert [result.verdict(rule) for rule in rules] == [Verdict.SKIP, Verdict.SKIP]
    assert not [each for each in result.log if each.reply_header("content-type") == "video/mp4"]


class ChargesRefusals(Atelier):
    """Takes a job's price before it looks at the model."""

    def _from_text(self, request: Request, user: str, body: dict[str, Any]) -> dict[str, Any]:
        self.spent[user] = self.spent.get(user, 0) + 25
        made = super()._from_text(request, user, body)
        self.spent[user] -= 25
        return made


def test_a_charge_for_what_is_refused_is_noted() -> None:
    rule = "leonardo.create.refused-free"
    assert judged(ChargesRefusals(), only=(rule,)).verdict(rule) is Verdict.WARN
    assert judged(Atelier(), only=(rule,)).verdict(rule) is Verdict.PASS
