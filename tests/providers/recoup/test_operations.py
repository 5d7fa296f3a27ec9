"""Recoup's operations from request to reply, on a clock that stands still."""

from typing import Any, get_args
from urllib.parse import urlsplit

import anyio
import pytest
from msgspec.structs import replace

from contracts import Dialect
from simulator.core.runs import Outcome
from simulator.providers.recoup import accounts, catalog, records
from tests.exchanges.client import Answer, send
from tests.providers.recoup.stand import FIRST_KEY, SECOND_KEY, Stand, stand

FIRST, SECOND = accounts.DEMO_ACCOUNT_IDS

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
IMAGE = "https://example.com/frame.png"
CLIP = "https://example.com/clip.mp4"


def created(there: Stand, **members: Any) -> list[str]:
    body = {"artist_account_id": records.ARTIST, **members}
    reply = there.ask("POST", "/api/content/create", body)
    assert reply.status == 202, reply.content
    ids: list[str] = reply.json()["runIds"]
    return ids


def polled(there: Stand, run_id: str, key: str = FIRST_KEY) -> dict[str, Any]:
    reply = there.ask("GET", "/api/tasks/runs", runId=run_id, key=key)
    assert reply.status == 200, reply.content
    (run,) = reply.json()["runs"]
    assert isinstance(run, dict)
    return run


def test_a_video_call_blocks_until_its_run_has_ended() -> None:
    there = stand(stage_seconds=None)
    exchange = {
        "method": "POST",
        "path": "/api/content/video",
        "headers": {"x-api-key": FIRST_KEY},
        "body": {"image_url": IMAGE},
    }
    answers: list[Answer] = []

    async def ask() -> None:
        answers.append(await send(there.edge, exchange))

    async def move(by_ms: int) -> None:
        await there.tenant.set_clock(lambda clock, now_ms: clock.advanced(by_ms, now_ms))
        for _ in range(20):
            await anyio.lowlevel.checkpoint()

    async def play() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            await move(0)
            await move(299)
            assert answers == []
            await move(1)

    anyio.run(play)
    assert answers[0].status == 200


def test_a_video_is_named_by_a_url_of_this_server() -> None:
    reply = stand().ask("POST", "/api/content/video", {"image_url": IMAGE}).json()
    url = urlsplit(reply["videoUrl"])
    assert (url.scheme, url.netloc) == ("http", "understudy.test")
    assert url.path.startswith("/_assets/recoup/")
    assert url.path.endswith(".mp4")


def test_equal_video_requests_make_different_videos() -> None:
    there = stand()
    urls = {
        there.ask("POST", "/api/content/video", {"image_url": IMAGE}).json()["videoUrl"]
        for _ in range(3)
    }
    assert len(urls) == 3


def test_a_failing_trigger_in_the_prompt_fails_the_video() -> None:
    body = {"image_url": IMAGE, "prompt": "fly [understudy:fail]"}
    reply = stand().ask("POST", "/api/content/video", body)
    assert (reply.status, reply.json()["error"]) == (500, "Generation failed")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/content/image", {"prompt": "[understudy:fail]"}),
        ("/api/content/caption", {"topic": "[understudy:fail]"}),
        ("/api/content/analyze", {"video_url": CLIP, "prompt": "[understudy:fail]"}),
    ],
)
def test_a_failing_trigger_fails_every_operation_with_a_prompt(
    path: str, body: dict[str, str]
) -> None:
    assert stand().ask("POST", path, body).status in (500, 502)


def test_an_upstream_without_a_model_of_its_own_needs_an_image_live() -> None:
    there = stand("live")
    refused = there.ask("POST", "/api/content/video", {"prompt": "a neon city"})
    accepted = there.ask("POST", "/api/content/video", {"prompt": "a", "model": "my/text"})
    assert (refused.status, accepted.status) == (500, 200)
    assert accepted.json()["mode"] == "prompt"


@pytest.mark.parametrize("count", [1, 4, 2.0])
def test_image_url_is_the_first_of_the_images(count: float) -> None:
    body = stand().ask("POST", "/api/content/image", {"num_images": count}).json()
    assert body["imageUrl"] == body["images"][0]
    assert len(set(body["images"])) == count


@pytest.mark.parametrize("length", ["short", "medium", "long"])
def test_a_caption_speaks_of_its_topic(length: str) -> None:
    body = {"topic": "rain on tin", "length": length}
    reply = stand().ask("POST", "/api/content/caption", body).json()
    assert "rain on tin" in reply["content"]
    assert {name: reply[name] for name in catalog.CAPTION_STYLE} == catalog.CAPTION_STYLE


def test_quotes_around_a_generated_caption_are_taken_off() -> None:
    there = stand()
    there.script(operation="createCaption", outcome=Outcome(data={"text": ' "so what" '}))
    reply = there.ask("POST", "/api/content/caption", {"topic": "t"})
    assert reply.json()["content"] == "so what"


def test_a_transcript_counts_its_segments() -> None:
    body = {"audio_urls": ["https://example.com/a.mp3"], "chunk_level": "segment"}
    reply = stand().ask("POST", "/api/content/transcribe", body).json()
    assert reply["segmentCount"] == len(reply["segments"]) == 2
    assert " ".join(segment["text"] for segment in reply["segments"]) == reply["fullLyrics"]


def test_the_echoed_audio_url_is_trimmed_live() -> None:
    body = {"audio_urls": ["  https://example.com/a.mp3 "]}
    reply = stand("live").ask("POST", "/api/content/transcribe", body)
    assert reply.json()["audioUrl"] == "https://example.com/a.mp3"


@pytest.mark.parametrize(("media", "ending"), [("image", ".png"), ("video", ".mp4")])
def test_an_upscale_keeps_the_kind_of_file(media: str, ending: str) -> None:
    reply = stand().ask("POST", "/api/content/upscale", {"url": CLIP, "type": media})
    assert reply.json()["url"].endswith(ending)


def test_a_batch_has_ids_of_its_own_each_and_all_are_listed_newest_first() -> None:
    there = stand(stage_seconds=None)
    earlier = created(there)
    there.advance(1000)
    ids = created(there, batch=30)
    assert len(set(ids)) == 30
    assert all(run_id.startswith("run_") and len(run_id) == 29 for run_id in ids)
    listed = there.ask("GET", "/api/tasks/runs", limit="100").json()["runs"]
    assert {run["id"] for run in listed[:30]} == set(ids)
    assert [run["id"] for run in listed[30:]] == earlier
    assert len(there.ask("GET", "/api/tasks/runs").json()["runs"]) == 20


def test_a_run_goes_from_queued_to_completed_and_then_has_an_output() -> None:
    there = stand(stage_seconds=None)
    (run_id,) = created(there, songs=["low-tide"], caption_length="long")
    seen = []
    for _ in range(4):
        seen.append(polled(there, run_id)["status"])
        there.advance(900)
    assert seen == ["QUEUED", "EXECUTING", "EXECUTING", "COMPLETED"]
    output = polled(there, run_id)["output"]
    assert output["videoSourceUrl"].endswith("/0.mp4")
    assert output["imageUrl"].endswith("/1.png")
    assert output["captionText"] in catalog.BEDROOM.examples
    assert output["audio"]["songFilename"] == "low-tide.mp3"


def test_an_upscaled_run_takes_longer() -> None:
    there = stand(stage_seconds=None)
    (plain,), (upscaled,) = created(there), created(there, upscale=True)
    there.advance(2500)
    assert polled(there, plain)["status"] == "COMPLETED"
    assert polled(there, upscaled)["status"] == "EXECUTING"


def test_no_caption_is_written_when_none_is_wanted() -> None:
    there = stand("live")
    (run_id,) = created(there)
    assert polled(there, run_id)["output"]["captionText"] == ""


def test_the_payload_shows_the_jobs_input() -> None:
    there = stand()
    (run_id,) = created(there, lipsync=True, images=[IMAGE])
    assert polled(there, run_id)["payload"] == {
        "accountId": FIRST,
        "artistSlug": "gatsby-grace",
        "template": "artist-caption-bedroom",
        "lipsync": True,
        "captionLength": "short",
        "upscale": False,
        "githubRepo": f"https://github.com/recoup-content/{FIRST}",
        "images": [IMAGE],
    }


@pytest.mark.parametrize("given", [{}, {"template": ""}])
def test_the_documented_template_is_the_default_when_absent_or_empty(given: dict[str, str]) -> None:
    body = {"artist_account_id": records.ARTIST, **given}
    reply = stand().ask("POST", "/api/content/create", body)
    assert reply.json()["template"] == catalog.DEFAULT_TEMPLATE


def test_a_refused_template_lists_the_others_as_documented_only() -> None:
    body = {"artist_account_id": records.ARTIST, "template": "neon"}
    documented = stand().ask("POST", "/api/content/create", body).json()
    live = stand("live").ask("POST", "/api/content/create", body).json()
    assert documented["available_templates"] == [*catalog.TEMPLATES, *catalog.CREATE_ONLY]
    assert live == {"status": "error", "error": "Unsupported template: neon"}


def test_an_artist_without_a_name_is_not_found() -> None:
    there = stand()
    nameless = records.Artist(records.SECOND_ARTIST, FIRST, "")
    there.keep(records.ARTISTS, nameless.id, nameless)
    reply = there.ask("POST", "/api/content/create", {"artist_account_id": nameless.id})
    assert reply.status == 404


def test_a_refused_batch_starts_nothing_and_still_succeeds() -> None:
    there = stand()
    there.script(operation="createContent", per="run", refusal="unavailable")
    body = {"artist_account_id": records.ARTIST, "batch": 3}
    reply = there.ask("POST", "/api/content/create", body)
    assert (reply.status, reply.json()["runIds"], reply.json()["failed"]) == (202, [], 3)
    assert there.ask("GET", "/api/tasks/runs").json()["runs"] == []


def test_a_failed_run_says_so_in_the_list_and_alone() -> None:
    there = stand()
    there.script(operation="createContent", outcome=Outcome("failed", "x", "render died"))
    (run_id,) = created(there)
    assert polled(there, run_id)["error"]["message"] == "render died"
    (listed,) = there.ask("GET", "/api/tasks/runs").json()["runs"]
    assert (listed["status"], listed["isFailed"]) == ("FAILED", True)
    assert not {"error", "payload", "output"} & set(listed)


def test_an_edit_is_a_run_of_the_editor() -> None:
    there = stand()
    body = {"video_url": CLIP, "template": "artist-caption-bedroom", "output_format": "webm"}
    reply = there.ask("PATCH", "/api/content", body).json()
    run = polled(there, reply["runId"])
    assert run["taskIdentifier"] == "ffmpeg-edit"
    assert run["payload"]["operations"] == list(catalog.EDIT_OPERATIONS)
    assert run["output"]["videoUrl"].endswith(".webm")


def test_another_accounts_run_is_hidden_as_documented_and_open_live() -> None:
    statuses: dict[Dialect, int] = {"documented": 404, "live": 200}
    for dialect, status in statuses.items():
        there = stand(dialect)
        (run_id,) = created(there)
        reply = there.ask("GET", "/api/tasks/runs", runId=run_id, key=SECOND_KEY)
        assert reply.status == status
        assert there.ask("GET", "/api/tasks/runs", key=SECOND_KEY).json()["runs"] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_blocking_call_is_no_task_run(dialect: Dialect) -> None:
    there = stand(dialect)
    url = there.ask("POST", "/api/content/video", {"image_url": IMAGE}).json()["videoUrl"]
    run_id = url.rsplit("/", 2)[1]
    assert there.ask("GET", "/api/tasks/runs").json()["runs"] == []
    missing = there.ask("GET", "/api/tasks/runs", runId=run_id)
    assert missing.status == (404 if dialect == "documented" else 500)


@pytest.mark.parametrize("limit", ["0", "101", "1e9", "-1"])
def test_a_limit_out_of_range_is_refused_in_lists(limit: str) -> None:
    for dialect in DIALECTS:
        assert stand(dialect).ask("GET", "/api/tasks/runs", limit=limit).status == 400


@pytest.mark.parametrize("limit", ["0x10", " 5 ", "5.0", "1e1"])
def test_a_limit_is_read_as_javascript_reads_numbers(limit: str) -> None:
    assert stand().ask("GET", "/api/tasks/runs", limit=limit).status == 200


@pytest.mark.parametrize("name", list(catalog.TEMPLATES))
def test_the_list_of_templates_agrees_with_their_detail(name: str) -> None:
    there = stand()
    listed = there.ask("GET", "/api/content/templates").json()["templates"]
    detail = there.ask("GET", f"/api/content/templates/{name}").json()
    (item,) = (item for item in listed if item["id"] == name)
    assert item == {"id": detail["id"], "description": detail["description"]}
    pictures = detail["image"]["reference_images"]
    assert len(set(pictures)) == catalog.TEMPLATES[name].references


@pytest.mark.parametrize("name", ["Artist-Caption-Stage", "artist-caption-stage%20", "nope"])
def test_template_ids_are_matched_exactly(name: str) -> None:
    assert stand().ask("GET", f"/api/content/templates/{name}").status == 404


def test_names_of_the_prototype_are_an_uncaught_error_live_only() -> None:
    path = "/api/content/templates/__proto__"
    assert stand().ask("GET", path).status == 404
    live = stand("live").ask("GET", path)
    assert (live.status, live.content) == (500, b"")


def test_readiness_blocks_create_as_documented_only() -> None:
    statuses: dict[Dialect, int] = {"documented": 400, "live": 202}
    for dialect, status in statuses.items():
        there = stand(dialect)
        bare = replace(records.Artist(records.ARTIST, FIRST, "Bare"), files=())
        there.keep(records.ARTISTS, bare.id, bare)
        reply = there.ask("POST", "/api/content/create", {"artist_account_id": bare.id})
        assert reply.status == status
        ready = there.ask("GET", "/api/content/validate", artist_account_id=bare.id).json()
        assert ready["ready"] is False
        if status == 400:
            assert [item["file"] for item in reply.json()["missing"]] == [
                item["file"] for item in ready["missing"]
            ]


def test_each_account_sees_its_own_artists() -> None:
    there = stand()
    first = there.ask("GET", "/api/artists").json()["artists"]
    second = there.ask("GET", "/api/artists", key=SECOND_KEY).json()["artists"]
    assert [artist["id"] for artist in first] == [records.ARTIST]
    assert [artist["name"] for artist in second] == ["Juno Vale"]


def test_an_organizations_artists_are_listed_for_it_alone() -> None:
    there = stand()
    shared = there.ask("GET", "/api/artists", org_id=records.SHARED_ORGANIZATION).json()["artists"]
    assert [artist["name"] for artist in shared] == ["Harbour Lights"]


def test_sharing_goes_through_an_organization() -> None:
    there = stand()
    sharing = there.ask("GET", "/api/tasks/runs", account_id=records.SHARING_ACCOUNT)
    not_mine = there.ask("GET", "/api/tasks/runs", account_id=FIRST, key=SECOND_KEY)
    assert (sharing.status, not_mine.status) == (200, 403)


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({}, 401, "Exactly one of"),
        ({"x-api-key": ""}, 401, "Exactly one of"),
        ({"x-api-key": FIRST_KEY, "authorization": f"Bearer {FIRST_KEY}"}, 401, "Exactly one"),
        ({"x-api-key": "", "authorization": f"bearer {FIRST_KEY}"}, 200, ""),
        ({"authorization": f"BEARER {FIRST_KEY}"}, 401, "Authorization header with"),
        ({"authorization": "Bearer"}, 401, "Authorization header with"),
        ({"authorization": "Bearer recoup_sk_nobody"}, 401, "Unauthorized"),
        ({"authorization": "Bearer eyJ.a.b"}, 401, "Failed to verify"),
        ({"x-api-key": "nope"}, 401, "Unauthorized"),
    ],
)
def test_exactly_one_credential_counts(headers: dict[str, str], status: int, words: str) -> None:
    reply = stand().ask("GET", "/api/content/templates", headers=headers)
    assert reply.status == status
    assert reply.json().get("error", "").startswith(words)


def test_any_key_takes_keys_of_the_form_only() -> None:
    there = stand(any_key=True)
    path = "/api/content/templates"
    assert there.ask("GET", path, key="recoup_sk_whoever").status == 200
    assert there.ask("GET", path, key="whoever").status == 401
    assert there.ask("GET", path, headers={"authorization": "Bearer whoever"}).status == 401


def test_a_new_account_can_create_at_once() -> None:
    there = stand(any_key=True)
    body = {"artist_account_id": records.ARTIST}
    assert there.ask("POST", "/api/content/create", body, key="recoup_sk_new").status == 202


@pytest.mark.parametrize("path", ["/api/content/video", "/api/artists"])
def test_every_reply_may_be_read_by_a_browser(path: str) -> None:
    there = stand()
    for method in ("GET", "OPTIONS", "DELETE"):
        assert there.ask(method, path).headers["access-control-allow-origin"] == "*"


def test_an_unknown_path_is_a_page() -> None:
    reply = stand().ask("GET", "/api/content/nothing")
    assert reply.status == 404
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.content.startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("raw", ["1e400", "9007199254740993", "1e300", "Infinity", "--1"])
def test_no_batch_is_too_strange_to_be_refused(raw: str) -> None:
    for dialect in DIALECTS:
        assert stand(dialect).ask("GET", "/api/content/estimate", batch=raw).status == 400


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_body_is_an_empty_object(dialect: Dialect) -> None:
    there = stand(dialect)
    assert len(there.ask("POST", "/api/content/image").json()["images"]) == 1
    caption = there.ask("POST", "/api/content/caption")
    assert (caption.status, caption.json()["field"]) == (400, ["topic"])
    assert there.ask("POST", "/api/content/video").status == (
        400 if dialect == "documented" else 500
    )


@pytest.mark.parametrize("raw", ["{oops", "", "[1", "NaN"])
def test_a_body_that_is_no_json_is_refused_as_documented_and_empty_live(raw: str) -> None:
    exchange = {
        "method": "POST",
        "path": "/api/content/image",
        "headers": {"x-api-key": FIRST_KEY},
        "raw_body": raw,
    }
    documented = anyio.run(send, stand().edge, exchange)
    live = anyio.run(send, stand("live").edge, exchange)
    assert live.status == 200
    assert documented.status == (400 if raw else 200)
