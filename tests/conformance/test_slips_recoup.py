"""Slips of Recoup's accounts, names, values and runs end conformance; what is right keeps it.

Each is put around a provider that is otherwise right; only the rule named beside it runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from conformance import check
from conformance.model import Level, Tier, Verdict
from conformance.result import Result
from tests.conformance.independent.recoup import ALICE, BOB, Label
from tests.conformance.independent.tampering import After, App, Asked, Before, Json, Said, tampered

CONTENT = "/api/content"
RUNS = "/api/tasks/runs"


def judged(app: App, *rules: str, **options: Any) -> Result:
    given: dict[str, Any] = {
        "tier": Tier.FUZZ, "generator": False, "trigger": ("", "a cursed puppet"),
        "wait_seconds": 10.0, "shrink": False, "seed": 7, **options,
    }  # fmt: skip
    return check(
        provider="recoup", app=app, keys=(ALICE, BOB), base_url="http://slips.test", only=rules,
        **given,
    )  # fmt: skip


def key_from_query(asked: Asked) -> None:
    found = re.search(r"\bapi_key=([^&]+)", asked.query)
    if found and not {"x-api-key", "authorization"} & asked.headers.keys():
        asked.headers["x-api-key"] = found[1]


def empty_artist(asked: Asked, said: Said) -> None:
    if asked.path == f"{CONTENT}/validate" and asked.query == "artist_account_id=":
        said.put({"status": "success", "artist_account_id": "", "ready": True}, 200)


def any_account(asked: Asked) -> None:
    if asked.path == "/api/artists":
        asked.query = re.sub(r"account_id=[^&]*", "", asked.query)


def second_refused(asked: Asked) -> None:
    if asked.headers.get("x-api-key") == BOB:
        asked.headers["x-api-key"] = "recoup_sk_nobody"


def second_has_no_runs(asked: Asked, said: Said) -> None:
    if asked.path == RUNS and asked.headers.get("x-api-key") == BOB and "runId" in asked.query:
        said.put({"status": "error", "error": "Task run not found"}, 404)


def list_of_the_first(asked: Asked) -> None:
    is_list = asked.path == RUNS and "runId" not in asked.query
    if is_list and asked.headers.get("x-api-key") == BOB:
        asked.headers["x-api-key"] = ALICE


def second_listed_nothing(asked: Asked, said: Said) -> None:
    is_list = asked.path == RUNS and "runId" not in asked.query
    if is_list and asked.headers.get("x-api-key") == BOB and said.status == 200:
        said.put({**said.told, "runs": []})


def by_beginning() -> Before:
    """Return a bug that looks for the first run whose id begins so."""
    known: list[str] = []

    def before(asked: Asked) -> None:
        found = re.search(r"runId=([^&]*)", asked.query) if asked.path == RUNS else None
        if found:
            wanted = unquote(found[1])
            known.extend([wanted] if wanted not in known and len(wanted) > 11 else [])
            own = next((each for each in known if each.startswith(wanted)), wanted)
            asked.query = f"runId={own}"

    return before


def trimmed_names(asked: Asked) -> None:
    template = asked.given.get("template")
    if isinstance(template, str):
        asked.put({**asked.given, "template": template.strip().lower()})
    if asked.path.startswith(f"{CONTENT}/templates/"):
        asked.path = asked.path.strip().lower()


def without_failed(asked: Asked, said: Said) -> None:
    if asked.path == RUNS and "runId" not in asked.query and said.status == 200:
        rows = [run for run in said.told["runs"] if run["status"] != "FAILED"]
        said.put({**said.told, "runs": rows})


def mended() -> After:
    """Return a bug that completes what had failed when it is read again."""
    seen: set[str] = set()

    def after(asked: Asked, said: Said) -> None:
        for run in said.told.get("runs", ()):
            if run["status"] == "FAILED" and run["id"] in seen:
                run.update(status="COMPLETED", isSuccess=True, isFailed=False)
                run.pop("error", None)
                said.put({**said.told, "runs": [run]})
            elif run["status"] == "FAILED":
                seen.add(run["id"])

    return after


def batch_of_one() -> After:
    """Return a bug that forgets every run of a batch but the first."""
    lost: set[str] = set()

    def after(asked: Asked, said: Said) -> None:
        if asked.path == f"{CONTENT}/create":
            lost.update(said.told.get("runIds", ())[1:])
        elif asked.path == RUNS and unquote(asked.query.removeprefix("runId=")) in lost:
            said.put({"status": "error", "error": "Task run not found"}, 404)

    return after


def changed(path: str, change: Callable[[Json], object]) -> Before:
    """Return a bug that reads a path's bodies too kindly."""

    def before(asked: Asked) -> None:
        given = asked.given
        if asked.path == path and given:
            change(given)
            asked.put(given)

    return before


def with_unit(given: Json) -> None:
    if isinstance(given.get("duration"), int):
        given["duration"] = f"{given['duration']}s"


def whole_sizes(given: Json) -> None:
    for each in _operations(given):
        each.update({n: int(v) for n, v in each.items() if isinstance(v, float)})


def no_position(given: Json) -> None:
    for each in _operations(given):
        if each.get("position") not in ("top", "center", "bottom"):
            each.pop("position", None)


def _operations(given: Json) -> list[Json]:
    found = given.get("operations")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def refusing(is_wrong: Callable[[Asked], bool]) -> After:
    """Return a bug that refuses what is legal."""

    def after(asked: Asked, said: Said) -> None:
        if asked.path.startswith(CONTENT) and is_wrong(asked):
            said.put({"status": "error", "field": ["prompt"], "error": "Invalid input"}, 400)

    return after


def other_kind(asked: Asked) -> None:
    if asked.path == f"{CONTENT}/upscale" and asked.given.get("type") in ("image", "video"):
        kind = {"image": "video", "video": "image"}[asked.given["type"]]
        asked.put({**asked.given, "type": kind})


def still_for_film(asked: Asked, said: Said) -> None:
    if asked.path == f"{CONTENT}/video" and "videoUrl" in said.told:
        said.put({**said.told, "videoUrl": said.told["videoUrl"].replace(".mp4", ".png")})


def wrong_count(given: Json) -> None:
    if given.get("num_images") == 5:
        given["num_images"] = 4


Slip = tuple[str, Callable[[], Before] | None, Callable[[], After] | None]
SLIPS: dict[str, Slip] = {
    "empty-artist-is-ready": ("validateContent.format", None, lambda: empty_artist),
    "any-account-is-mine": ("listArtists.foreign-account", lambda: any_account, None),
    "key-from-the-query": ("listRuns.credential.in-query", lambda: key_from_query, None),
    "key-of-a-job-from-the-query": (
        "createVideo.credential.in-query", lambda: key_from_query, None),
    "second-key-refused": ("listRuns.credential.second", lambda: second_refused, None),
    "second-key-cannot-edit": ("editContent.second-account", lambda: second_refused, None),
    "second-has-no-runs": ("listRuns.own", None, lambda: second_has_no_runs),
    "list-of-the-first": ("listRuns.own-list", lambda: list_of_the_first, None),
    "second-listed-nothing": ("listRuns.listed-alike", None, lambda: second_listed_nothing),
    "run-by-its-beginning": ("listRuns.near-miss", by_beginning, None),
    "trimmed-template-read": ("getTemplate.exact", lambda: trimmed_names, None),
    "trimmed-template-created": ("createContent.template-exact", lambda: trimmed_names, None),
    "trimmed-template-drawn": ("createImage.template-name", lambda: trimmed_names, None),
    "failed-not-listed": ("listRuns.listed-ends", None, lambda: without_failed),
    "failed-then-completed": ("listRuns.end-kept", None, mended),
    "batch-of-one": ("createContent.batch-runs", None, batch_of_one),
    "seconds-as-a-number": (
        "createVideo.type", lambda: changed(f"{CONTENT}/video", with_unit), None),
    "sizes-cut-to-whole": ("editContent.range", lambda: changed(CONTENT, whole_sizes), None),
    "position-of-any-name": ("editContent.enum", lambda: changed(CONTENT, no_position), None),
    "images-clamped": (
        "createImage.range", lambda: changed(f"{CONTENT}/image", wrong_count), None),
    "secure-links-only": (
        "createVideo.accepts", None, lambda: refusing(lambda asked: b'"http:' in asked.body)),
    "short-prompts-only": (
        "createImage.accepts", None, lambda: refusing(lambda asked: len(asked.body) > 2000)),
    "one-song-only": (
        "transcribeAudio.accepts", None,
        lambda: refusing(lambda a: isinstance(a.given.get("audio_urls"), list)
                         and len(a.given["audio_urls"]) > 1)),
    "larger-in-another-kind": ("upscaleMedia.media-kind", lambda: other_kind, None),
    "still-for-film": ("createVideo.media-kind", None, lambda: still_for_film),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_slip_is_seen(name: str) -> None:
    rule, before, after = SLIPS[name]
    app = Label(lists=True).app()
    slipped = tampered(app, before and before(), after and after())
    result = judged(slipped, f"recoup.{rule}")
    assert result.exit_code == 1
    assert any(each.rule.level is Level.MUST for each in result.failed)


@pytest.mark.parametrize("lists", [False, True])
def test_same_rules_pass_without_the_slip(lists: bool) -> None:
    rules = tuple(dict.fromkeys(f"recoup.{rule}" for rule, _, _ in SLIPS.values()))
    result = judged(Label(lists=lists).app(), *rules)
    assert [rule for rule in rules if result.verdict(rule) is not Verdict.PASS] == []


def test_a_queue_that_trims_ids_is_right() -> None:
    """Blanks around an id may be taken off, or not."""

    def untrimmed(asked: Asked, said: Said) -> None:
        if asked.path == RUNS and re.search(r"runId=[^&]*(\+|%20)", asked.query):
            said.put({"status": "error", "error": "Task run not found"}, 404)

    rule = "recoup.listRuns.near-miss"
    assert judged(Label().app(), rule).verdict(rule) is Verdict.PASS
    assert judged(tampered(Label().app(), after=untrimmed), rule).verdict(rule) is Verdict.PASS


def test_a_stranger_is_sent_no_key_in_a_url_unasked() -> None:
    urls: list[str] = []

    def noted(asked: Asked) -> None:
        urls.append(asked.query)

    judged(tampered(Label().app(), noted), tier=None)
    assert urls
    assert not any(ALICE in url for url in urls)


def test_a_key_in_a_url_is_kept_by_its_label() -> None:
    result = judged(tampered(Label().app(), key_from_query), "recoup.listRuns.credential.in-query")
    urls = [exchange.url for exchange in result.log if "api_key=" in exchange.url]
    assert urls
    assert all("api_key=<first>" in url and ALICE not in url for url in urls)
