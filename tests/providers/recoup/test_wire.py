"""Core records as Recoup's JSON: statuses, flags, times and the forms of the two dialects."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

import contracts
from contracts import Dialect
from simulator.core.clock import utc_text
from simulator.core.runs import Amendment, Outcome, Plan, Run, status_at
from simulator.providers.recoup import catalog, wire
from simulator.providers.recoup.records import Artist, Social

START_MS = 1_780_000_000_000
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
PENDING_FLAGS = {
    "isCompleted": False,
    "isSuccess": False,
    "isFailed": False,
    "isCancelled": False,
    "isWaiting": False,
}


def run_with(outcome: Outcome | None = None, *amendments: Amendment) -> Run:
    plan = Plan(START_MS, catalog.TASK_STAGES, outcome or Outcome())
    return Run("run_1", "recoup", "createContent", "acc", plan, amendments=amendments)


def shown(run: Run, after_ms: int, dialect: Dialect = "documented") -> dict[str, Any]:
    now_ms = START_MS + after_ms
    return wire.single_run(run, status_at(run, now_ms), now_ms, dialect, None)


@pytest.mark.parametrize(
    ("after_ms", "documented", "live", "flags"),
    [
        (0, "QUEUED", "QUEUED", {"isQueued": True, "isExecuting": False}),
        (400, "QUEUED", "DEQUEUED", {}),
        (500, "EXECUTING", "EXECUTING", {"isQueued": False, "isExecuting": True}),
        (2499, "EXECUTING", "EXECUTING", {"isQueued": False, "isExecuting": True}),
    ],
)
def test_a_run_shows_its_stage(
    after_ms: int, documented: str, live: str, flags: Mapping[str, bool]
) -> None:
    body = shown(run_with(), after_ms)
    assert body["status"] == documented
    assert shown(run_with(), after_ms, "live")["status"] == live
    assert {**body, **PENDING_FLAGS, **flags} == body


def test_a_completed_run_shows_when_it_ran() -> None:
    body = shown(run_with(), 10_000)
    assert (body["status"], body["isCompleted"], body["isSuccess"]) == ("COMPLETED", True, True)
    assert body["createdAt"] == utc_text(START_MS)
    assert body["startedAt"] == utc_text(START_MS + 500)
    assert body["finishedAt"] == body["updatedAt"] == utc_text(START_MS + 2500)
    assert body["durationMs"] == 2000


def test_a_failed_run_tells_why() -> None:
    body = shown(run_with(Outcome("failed", "upstream_failed", "no frames")), 10_000)
    assert (body["status"], body["isFailed"], body["isCompleted"]) == ("FAILED", True, True)
    assert body["error"]["message"] == "no frames"
    assert "output" not in body


@pytest.mark.parametrize(
    ("word", "documented", "live"),
    [
        ("CRASHED", "CRASHED", "CRASHED"),
        ("timed_out", "FAILED", "TIMED_OUT"),
        ("INTERRUPTED", "INTERRUPTED", "FAILED"),
        ("COMPLETED", "FAILED", "FAILED"),
    ],
)
def test_a_failure_may_bring_a_word_that_the_dialect_knows(
    word: str, documented: str, live: str
) -> None:
    run = run_with(Outcome("failed", data={"status": word}))
    assert shown(run, 10_000)["status"] == documented
    assert shown(run, 10_000, "live")["status"] == live


def test_a_cancelled_run_is_neither_completed_nor_failed() -> None:
    body = shown(run_with(None, Amendment(START_MS + 100, "cancel")), 10_000)
    assert body["status"] == "CANCELED"
    flags = {name: body[name] for name in wire.FLAGS}
    assert [name for name, is_set in flags.items() if is_set] == ["isCancelled"]


def test_times_that_are_not_set_are_null_as_documented_and_absent_live() -> None:
    documented, live = shown(run_with(), 0), shown(run_with(), 0, "live")
    names = ("startedAt", "finishedAt", "delayedUntil", "expiredAt")
    assert [documented[name] for name in names] == [None] * 4
    assert not set(names) & set(live)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_status_word_stands_in_the_contract(dialect: Dialect) -> None:
    schemas = contracts.load("recoup", dialect).document["components"]["schemas"]
    known = set(schemas["TaskRunStatus"]["enum"])
    assert set(wire.STATUSES[dialect].values()) <= known
    assert set(wire.BY_STATE.values()) <= known


@pytest.mark.parametrize("stage", [*catalog.TASK_STAGES, catalog.UPSCALE_STAGE])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_stage_of_the_catalogue_has_a_word(dialect: Dialect, stage: Any) -> None:
    assert stage.name in wire.STATUSES[dialect]


@pytest.mark.parametrize(
    ("lipsync", "batch", "per_video", "total"),
    [(False, 1, 0.82, 0.82), (False, 30, 0.82, 24.6), (True, 2, 0.95, 1.9), (False, 100, 0.82, 82)],
)
def test_an_estimate_multiplies_without_losing_cents(
    lipsync: bool, batch: int, per_video: float, total: float
) -> None:
    body = wire.estimate(lipsync, batch, False, "live")
    assert (body["per_video_estimate_usd"], body["total_estimate_usd"]) == (per_video, total)


def test_a_documented_estimate_adds_up() -> None:
    body = wire.estimate(True, 3, True, "documented")
    for workflow in body["workflows"]:
        assert sum(workflow["costBreakdown"].values()) == pytest.approx(workflow["perVideo"])
        assert list(workflow["costBreakdown"]) == workflow["steps"]
        assert body["comparison"][workflow["name"]] == workflow["perVideo"]
    assert body["batch"] == {"count": 3, "cheapestTotal": 0.54, "mostExpensiveTotal": 2.85}
    assert body["profiles"] == {"budget": 0.18, "mid": 0.62, "current": 0.95}


def test_readiness_lists_issues_live_and_adds_checks_as_documented() -> None:
    artist = Artist("a", "o", "Ann")
    documented = wire.readiness(artist, [], [catalog.REQUIREMENTS[4]], "documented")
    live = wire.readiness(artist, [], [catalog.REQUIREMENTS[4]], "live")
    assert documented["checks"]["audience_context"] == {"status": "warning"}
    assert documented["checks"]["face_guide"] == {"status": "ok"}
    assert set(live) == {"status", "artist_account_id", "ready", "missing", "warnings"}


def test_an_artist_that_is_not_ready_has_no_checks() -> None:
    body = wire.readiness(Artist("a", "o", "Ann"), [catalog.NO_TREE], [], "documented")
    assert body["ready"] is False
    assert "checks" not in body
    assert body["missing"][0]["description"]


def test_a_social_account_has_a_platform_only_as_documented() -> None:
    social = Social("s", "TIKTOK", "ann", "https://tiktok.com/@ann")
    artist = Artist("a", "o", "Ann", socials=(social,))
    documented = wire.artist(artist, str.format, "documented")["account_socials"][0]
    live = wire.artist(artist, str.format, "live")["account_socials"][0]
    assert documented["platform"] == "tiktok"
    assert "platform" not in live
    assert live["link"] == live["profile_url"]


def test_only_a_workspace_says_that_it_is_one() -> None:
    plain = wire.artist(Artist("a", "o", None), str.format, "live")
    workspace = wire.artist(Artist("a", "o", "Team", is_workspace=True), str.format, "live")
    assert "isWorkspace" not in plain
    assert workspace["isWorkspace"] is True


def test_segments_are_trimmed_and_missing_times_are_zero() -> None:
    body = wire.transcript("https://example.com/a.mp3", " a b ", [{"text": " a "}])
    assert body["segments"] == [{"start": 0, "end": 0, "text": "a"}]
    assert (body["segmentCount"], body["fullLyrics"]) == (1, " a b ")
