"""Core records in NanoGPT's JSON: four vocabularies of status, money, times, addresses."""

import base64
import hashlib
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from simulator.core import runs
from simulator.core.accounts import Account
from simulator.core.assets import MediaSpec
from simulator.core.runs import Amendment, Outcome, Plan, Run, State, Status
from simulator.providers.nanogpt import accounts, wire
from simulator.providers.nanogpt.catalog import STAGES

START_MS = 1_737_117_296_000
LENGTH_MS = sum(stage.duration_ms for stage in STAGES)
VIDEO = MediaSpec("video", "mp4", 1280, 720, 5000)
RUN = Run(
    "vid_m1abc123def456",
    "nanogpt",
    "createVideo",
    "account",
    Plan(START_MS, STAGES),
    350_000_000,
    "text",
    "veo2-video",
    outputs=(VIDEO,),
)
POLICY = Outcome("failed", "content_policy", "Content policy violation")
FAILED = replace(RUN, plan=Plan(START_MS, STAGES, POLICY))
BROKEN = replace(RUN, plan=Plan(START_MS, STAGES, Outcome("failed", "upstream_failed", "Oops")))
CANCELLED = replace(RUN, amendments=(Amendment(START_MS + 100, "cancel"),))
ACCOUNT = Account("account", "nanogpt", "account 1", 12_500_000_000)


def at(run: Run, after_ms: int) -> Status:
    return runs.status_at(run, START_MS + after_ms)


def url_of(index: int) -> str:
    return f"https://assets.example.com/{index}.mp4"


def unified(run: Run, after_ms: int, **switches: str) -> dict[str, Any]:
    return wire.unified(run, at(run, after_ms), url_of, switches)


def test_the_four_tables_know_every_state() -> None:
    tables = (wire.DATA_STATUS, wire.FLAT_STATUS, wire.STORY_STATUS, wire.RECOVERED_STATUS)
    assert all(set(table) == set(get_args(State)) for table in tables)


def test_a_submission_names_cost_and_what_is_left() -> None:
    assert wire.submitted(RUN, ACCOUNT) == {
        "runId": RUN.id,
        "id": RUN.id,
        "status": "pending",
        "model": "veo2-video",
        "cost": 0.35,
        "paymentSource": "USD",
        "remainingBalance": 12.5,
        "prechargeLabel": "google",
    }


def test_a_nano_account_pays_in_nano() -> None:
    account = replace(ACCOUNT, attributes={"payment_source": "XNO"})
    assert wire.submitted(RUN, account)["paymentSource"] == "XNO"


def test_a_story_names_its_project() -> None:
    story = replace(RUN, model="longstories-movie")
    assert wire.submitted(story, ACCOUNT)["projectId"] == "proj_m1abc123def456"
    given = replace(story, details={"projectId": "proj_9"})
    assert wire.submitted(given, ACCOUNT)["projectId"] == "proj_9"


def test_an_extension_counts_from_one() -> None:
    body = wire.extended(replace(RUN, model="midjourney-video"), ACCOUNT, 3)
    assert body["message"] == "Extending video 4 by 5 seconds..."
    assert (body["success"], body["taskId"], body["eta"]) == (True, RUN.id, 60)


@pytest.mark.parametrize(
    ("after_ms", "word", "details"),
    [
        (0, "IN_QUEUE", None),
        (300, "IN_PROGRESS", "Video is being processed"),
        (1000, "IN_PROGRESS", "Video is being generated"),
        (LENGTH_MS - 1, "IN_PROGRESS", "Video is being delivered"),
    ],
)
def test_a_run_under_way_says_what_is_done(after_ms: int, word: str, details: str | None) -> None:
    body = unified(RUN, after_ms)
    expected = {"status": word, "requestId": RUN.id}
    if details:
        expected["details"] = details
    assert body == {"requestId": RUN.id, "model": "veo2-video", "data": expected}


@pytest.mark.parametrize(
    ("after_ms", "word"), [(0, "queued"), (300, "processing"), (1000, "generating")]
)
def test_stages_can_be_named_as_the_seed_does(after_ms: int, word: str) -> None:
    body = unified(RUN, after_ms, **{"progress-words": "stages"})
    assert body["data"]["status"] == word
    assert unified(RUN, LENGTH_MS, **{"progress-words": "stages"})["data"]["status"] == "COMPLETED"


def test_a_completed_run_has_output_and_cost() -> None:
    data = unified(RUN, LENGTH_MS)["data"]
    assert data == {
        "status": "COMPLETED",
        "requestId": RUN.id,
        "output": {"video": {"url": url_of(0)}},
        "cost": 0.35,
    }


def test_four_videos_are_all_named() -> None:
    run = replace(RUN, model="midjourney-video", outputs=(VIDEO,) * 4)
    output = unified(run, LENGTH_MS)["data"]["output"]
    assert [video["url"] for video in output["videos"]] == [url_of(index) for index in range(4)]
    assert output["video"] == output["videos"][0]


def test_a_model_seen_live_gives_a_relative_address() -> None:
    run = replace(RUN, model="grok-imagine-video")
    output = unified(run, LENGTH_MS)["data"]["output"]
    assert output["video"]["url"] == (
        "/api/generate-video/content?model=grok-imagine-video&runId=vid_m1abc123def456&variant=video"
    )


def test_a_failed_run_tells_developer_and_user() -> None:
    data = unified(FAILED, LENGTH_MS)["data"]
    advice = "Content flagged as inappropriate. Please modify your prompt and try again."
    assert data["error"] == "Content policy violation"
    assert data["isNSFWError"] is True
    assert data["userFriendlyError"] == advice
    assert "cost" not in data
    other = unified(BROKEN, LENGTH_MS)["data"]
    assert (other["error"], other["isNSFWError"]) == ("Oops", False)


def test_the_error_of_a_failed_run_can_be_an_object() -> None:
    data = unified(FAILED, LENGTH_MS, **{"failed-error": "object"})["data"]
    assert data["error"] == {"message": "Content policy violation"}


def test_a_cancelled_run_is_spelt_with_one_l() -> None:
    assert unified(CANCELLED, 200)["data"] == {"status": "CANCELED", "requestId": RUN.id}


def test_the_flat_form_stands_beside_the_nested_one() -> None:
    switch = {"status-shape": "both"}
    running = unified(RUN, 1500, **switch)
    assert running["status"] == "processing"
    assert running["videoUrl"] is None
    assert running["createdAt"] == "2025-01-17T12:34:56.000Z"
    assert running["completedAt"] is None
    assert running["progress"] == 50
    assert running["estimatedTimeRemaining"] == 2
    done = unified(RUN, LENGTH_MS, **switch)
    assert (done["status"], done["videoUrl"]) == ("completed", url_of(0))
    assert done["completedAt"] == "2025-01-17T12:34:59.000Z"


@pytest.mark.parametrize("run", [RUN, FAILED, BROKEN, CANCELLED])
@pytest.mark.parametrize("after_ms", [0, 1000, LENGTH_MS])
@pytest.mark.parametrize("shape", ["nested", "both"])
def test_no_good_reply_has_a_top_level_error(run: Run, after_ms: int, shape: str) -> None:
    assert unified(run, after_ms, **{"status-shape": shape}).get("error") is None
    assert "error" not in wire.legacy(run, at(run, after_ms), url_of, {})
    assert "error" not in wire.story(at(run, after_ms), url_of)


def test_the_deprecated_form_has_nothing_outside_data() -> None:
    body = wire.legacy(RUN, at(RUN, LENGTH_MS), url_of, {})
    assert list(body) == ["data"]
    assert body["data"]["request_id"] == RUN.id
    assert "requestId" not in body["data"]


@pytest.mark.parametrize(
    ("run", "after_ms", "word", "is_completed", "is_success"),
    [
        (RUN, 0, "PENDING", False, False),
        (RUN, 1000, "PROCESSING", False, False),
        (RUN, LENGTH_MS, "COMPLETED", True, True),
        (FAILED, LENGTH_MS, "FAILED", True, False),
        (CANCELLED, 200, "FAILED", True, False),
    ],
)
def test_the_story_form(
    run: Run, after_ms: int, word: str, is_completed: bool, is_success: bool
) -> None:
    body = wire.story(at(run, after_ms), url_of)
    assert body["status"] == word
    assert body["data"]["isCompleted"] is is_completed
    assert body["data"]["isSuccess"] is is_success
    assert ("output" in body["data"]) is is_success


def test_the_recovered_form_is_lower_case() -> None:
    run = replace(RUN, details={"conversationUUID": "b7"})
    assert wire.recovered(run, at(run, LENGTH_MS)) == {
        "runId": RUN.id,
        "id": RUN.id,
        "model": "veo2-video",
        "status": "completed",
        "createdAt": "2025-01-17T12:34:56.000Z",
        "conversationUUID": "b7",
    }
    assert wire.recovered(RUN, at(RUN, 0))["status"] == "pending"
    assert wire.recovered(RUN, at(RUN, 0))["conversationUUID"] is None


@pytest.mark.parametrize(
    ("nanos", "text"),
    [
        (129_469_561_470, "129.46956147"),
        (0, "0.00000000"),
        (9, "0.00000000"),
        (10, "0.00000001"),
        (5_000_000_000, "5.00000000"),
    ],
)
def test_a_balance_is_a_decimal_text(nanos: int, text: str) -> None:
    assert wire.decimal(nanos) == text


def test_a_deposit_address_is_well_formed() -> None:
    """The last eight characters are the checksum of the key that the others spell."""
    address = accounts.deposit_address("account")
    assert address != accounts.deposit_address("other")
    alphabet = "13456789abcdefghijkmnopqrstuwxyz"
    assert address.startswith("nano_")
    body = address.removeprefix("nano_")
    assert len(body) == 60
    number = 0
    for letter in body[:52]:
        number = number * 32 + alphabet.index(letter)
    key = number.to_bytes(32)
    check = hashlib.blake2b(key, digest_size=5).digest()[::-1]
    rfc = base64.b32encode(check).decode()
    plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    assert body[52:] == "".join(alphabet[plain.index(letter)] for letter in rfc)
