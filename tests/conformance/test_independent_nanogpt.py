"""A NanoGPT that this project did not write is conformant; four that are broken are not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from conformance import check
from conformance.model import Level, Tier, Verdict
from conformance.profiles.nanogpt_fields import TAKERS
from conformance.result import Result
from tests.conformance.independent.nanogpt import FAIL_WORD, KEYS, MEDIA, Job, Json, Provider, bad
from tests.conformance.independent.tampering import After, Asked, Before, Said, tampered


def judged(provider: Provider, *only: str, generator: bool = False) -> Result:
    return check(
        provider="nanogpt",
        app=provider.app,
        keys=KEYS,
        base_url="http://nano.test",
        tier=Tier.FUZZ,
        trigger=("", FAIL_WORD),
        only=only,
        generator=generator,
        max_examples=2,
        seed=7,
        wait_seconds=3.0,
    )


def test_other_nanogpt_is_conformant() -> None:
    result = judged(Provider(), generator=True)
    assert [(each.rule.id, each.failures[0].message) for each in result.failed] == []
    assert result.exit_code == 0
    own = [each for each in result.results if each.rule.area in _OWN_AREAS]
    open_rules = [r.rule.id for r in own if r.verdict is Verdict.INCONCLUSIVE]
    assert open_rules == []
    passed = [r for r in own if r.verdict is Verdict.PASS and r.rule.level is Level.MUST]
    assert len(passed) > 60


_OWN_AREAS = {
    "lifecycle", "media", "create", "models", "extend", "ownership", "jobs", "recover",
    "catalogue", "account",
}  # fmt: skip


def test_other_nanogpt_is_conformant_without_a_job() -> None:
    provider = Provider()
    result = check(
        provider="nanogpt", app=provider.app, keys=KEYS, base_url="http://nano.test", tier=Tier.FREE
    )
    assert result.exit_code == 0
    assert provider.jobs == {}


class Sloppy(Provider):
    """Compares the beginning of a key only."""

    def caller(self, request: Request) -> str:
        """Return the first key that the given one begins, or is begun by."""
        given = request.headers.get("x-api-key") or request.headers.get("authorization", "")[7:]
        found = next((key for key in KEYS if given and key.startswith(given[:30])), None)
        return found or super().caller(request)


class Forgetful(Provider):
    """Asks a cache that loses every third answer, and then believes that the job still runs."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def data(self, request: Request, job: Job) -> Json:
        """Return the state, now and then an older one."""
        self.asked += 1
        found = super().data(request, job)
        return found if self.asked % 3 else {"status": "generating"}


class ShortCounting(Provider):
    """Counts a job's four videos from 1 when it is asked to extend one."""

    async def extend(self, request: Request) -> Response:
        """Answer an extension of the videos 1 to 4."""
        key, given = self.caller(request), await self.body(request)
        if not isinstance(given, dict) or given.get("index") not in (1, 2, 3, 4):
            raise bad("index goes from 1 to 4.")
        job = self.job(key, str(given.get("runId", given.get("taskId"))))
        return JSONResponse(self.receipt(self.start(key, {"model": job.model}, 0.1)), 202)


class EmptyHanded(Provider):
    """Says that a job is complete before its file can be had."""

    async def clip(self, request: Request) -> Response:
        """Answer a page instead of a clip."""
        return Response("<html>Come back later</html>", media_type="text/html")


BROKEN: list[tuple[Any, tuple[str, ...]]] = [
    (Sloppy, ("nanogpt.*.credential.*",)),
    (Forgetful, ("nanogpt.lifecycle.text", "nanogpt.lifecycle.sora")),
    (ShortCounting, ("nanogpt.extendVideo",)),
    (EmptyHanded, ("nanogpt.lifecycle.text",)),
]


IDS = [f"{kind.__name__}-{only[0]}" for kind, only in BROKEN]


def _error_null(asked: Asked, said: Said) -> None:
    """Say error null beside a status that is no failure."""
    if asked.path == "/api/video/status" and isinstance(said.told.get("data"), dict):
        said.put({**said.told, "data": {"error": None, **said.told["data"]}})


def _missing_model(asked: Asked, said: Said) -> None:
    """Answer 404 for an unknown model."""
    if said.status == 400 and "no such model" in said.body.decode():
        words = {"message": "No such model.", "type": "not_found_error", "code": "model_not_found"}
        said.put({"error": words}, 404)


def _nearer_bound(asked: Asked) -> None:
    """Move a limit that is out of bounds to the nearer one."""
    if asked.path == "/api/generate-video/recover":
        low = re.sub(r"limit=(0|-\d+)\b", "limit=1", asked.query)
        asked.query = re.sub(r"limit=(5[1-9]|[6-9]\d|\d{3,})\b", "limit=50", low)


def _blanks_dropped(asked: Asked) -> None:
    """Take null or an empty text for a member that is not needed as if it were not there."""
    asked.query = re.sub(r"(?<![^&])(variant|limit|detailed)=(&|$)", "", asked.query)
    if asked.given and asked.path.startswith("/api/generate-video"):
        asked.put({n: v for n, v in asked.given.items() if v not in (None, "") or n in _NEEDED})


_NEEDED = ("model", "index")


def _unread_of_other_models(asked: Asked) -> None:
    """Read a field of one kind of model only for models of that kind."""
    given = asked.given
    if not given or asked.path != "/api/generate-video":
        return
    for name, body in TAKERS.items():
        if name not in (*MEDIA, "pro", "pro_mode") and (
            body is None or body["model"] != given.get("model")
        ):
            given.pop(name, None)
    asked.put(given)


def _any_word_for_detailed(asked: Asked) -> None:
    """Take every word but false for true."""
    if asked.path in ("/api/v1/models", "/api/v1/video-models"):
        asked.query = re.sub(r"detailed=(?!false\b)[^&]*", "detailed=true", asked.query)


VARIANTS: dict[str, tuple[Before | None, After | None]] = {
    "blanks are nothing": (_blanks_dropped, None),
    "fields of other models unread": (_unread_of_other_models, None),
    "any word for detailed": (_any_word_for_detailed, None),
    "error null on success": (None, _error_null),
    "unknown model 404": (None, _missing_model),
    "limit moved to its bound": (_nearer_bound, None),
}
"""What documents leave open, taken the other way."""


@pytest.mark.parametrize("name", VARIANTS)
def test_other_side_of_a_disagreement_is_conformant(name: str) -> None:
    provider = Provider()
    before, after = VARIANTS[name]
    provider.app = tampered(provider.app, before, after)  # type: ignore[assignment]
    result = judged(provider)
    assert [
        (r.rule.id, r.failures[0].message) for r in result.failed if r.rule.level is Level.MUST
    ] == []
    assert result.exit_code == 0


@pytest.mark.parametrize(("kind", "only"), BROKEN, ids=IDS)
def test_broken_nanogpt_is_not_conformant(kind: Any, only: tuple[str, ...]) -> None:
    result = judged(kind(), *only)
    assert result.exit_code == 1
    assert any(each.rule.level is Level.MUST for each in result.failed)


@pytest.mark.parametrize(("kind", "only"), BROKEN, ids=IDS)
def test_same_rules_hold_for_the_whole_one(kind: Any, only: tuple[str, ...]) -> None:
    assert judged(Provider(), *only).exit_code == 0
