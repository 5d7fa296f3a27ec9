"""What can be done with a NanoGPT job: status in three forms, extend, recover, content."""

from typing import Any

import pytest

from tests.providers.nanogpt.stand import JOB, OTHER_KEY, job, stand

LINK = "https://assets.example.com/a.jpg"
CLIP = "https://example.com/s.mp4"
DONE_MS = 3000


@pytest.mark.parametrize("path", ["/api/video/status", "/api/generate-video/status"])
def test_a_job_is_its_accounts_own(path: str) -> None:
    here = stand(job())
    assert here.get(path, runId=JOB).status == 200
    assert here.get(path, key=OTHER_KEY, runId=JOB).status == 403
    assert here.get(path, runId="vid_nobody").status == 404
    assert here.get(path).status == 400


def test_the_unified_status_takes_either_name() -> None:
    here = stand(job())
    assert here.get("/api/video/status", requestId=JOB, runId="vid_nobody").status == 200
    assert here.get("/api/video/status", requestId="", runId=JOB).status == 200
    assert here.get("/api/video/status", runId=JOB, model="veo2-video").status == 200
    body = here.get("/api/video/status", id=JOB).json()
    assert body["error"]["param"] == "requestId"


def test_the_three_statuses_agree() -> None:
    here = stand()
    started = here.started(model="longstories-movie", script="Once.")
    run_id, project = started["runId"], started["projectId"]
    here.advance(DONE_MS)
    unified = here.status(run_id)
    legacy = here.get("/api/generate-video/status", runId=run_id).json()["data"]
    story = here.get("/api/v1/video/status", runId=run_id, projectId=project).json()
    assert unified["status"] == legacy["status"] == story["status"] == "COMPLETED"
    assert unified["output"] == legacy["output"]
    assert unified["output"]["video"]["url"] == story["data"]["output"]["url"]


def test_a_story_is_found_by_its_own_project_only() -> None:
    here = stand()
    started = here.started(model="longstories-movie", script="Once.", projectId="proj_9")
    assert started["projectId"] == "proj_9"
    plain = here.started()["runId"]
    path = "/api/v1/video/status"
    assert here.get(path, runId=started["runId"], projectId="proj_9").status == 200
    assert here.get(path, runId=started["runId"], projectId="proj_8").status == 404
    assert here.get(path, runId=plain, projectId=f"proj_{plain[4:]}").status == 404


def test_an_extension_is_a_new_job_that_continues_one_video() -> None:
    here = stand()
    first = here.started(model="midjourney-video", imageUrl=LINK)["runId"]
    path = "/api/generate-video/extend"
    early = here.send("POST", path, body={"runId": first, "index": 2})
    assert early.status == 400
    here.advance(DONE_MS)
    before = here.balance_usd()
    answer = here.send("POST", path, body={"taskId": first, "index": 2}).json()
    assert answer["runId"] == answer["id"] == answer["taskId"] != first
    assert answer["message"] == "Extending video 3 by 5 seconds..."
    assert round(before - answer["remainingBalance"], 9) == answer["cost"] == 0.3
    here.advance(DONE_MS)
    data = here.status(answer["runId"])
    assert data["status"] == "COMPLETED"
    assert "videos" not in data["output"]
    again = here.send("POST", path, body={"runId": answer["runId"], "index": 1})
    assert again.json()["error"]["param"] == "index"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"index": 0}, 400, "runId"),
        ({"runId": JOB}, 400, "index"),
        ({"runId": JOB, "index": 4}, 400, "index"),
        ({"runId": JOB, "index": "1"}, 400, "index"),
        ({"runId": JOB, "index": 0, "video": CLIP}, 400, "video"),
        ({"runId": JOB, "index": 0}, 400, "runId"),
        ({"runId": "vid_nobody", "taskId": JOB, "index": 0}, 404, None),
    ],
)
def test_what_extend_refuses(body: dict[str, Any], status: int, param: str | None) -> None:
    answer = stand(job()).send("POST", "/api/generate-video/extend", body=body)
    assert answer.status == status
    assert answer.json()["error"].get("param") == param


def test_another_accounts_job_cannot_be_extended() -> None:
    here = stand(job(model="midjourney-video", owner="other_api_key"))
    answer = here.send("POST", "/api/generate-video/extend", body={"runId": JOB, "index": 0})
    assert answer.status == 403


def test_recover_lists_newest_first_and_filters() -> None:
    here = stand()
    talk = "b7c75a5e-1e2a-4d4f-9e5b-6c6e2e2f9a17"
    first = here.started(conversationUUID=talk)["runId"]
    here.advance(10)
    second = here.started(model="veo2-video")["runId"]
    here.advance(10)
    here.started()

    def found(**query: Any) -> list[str]:
        data = here.get("/api/generate-video/recover", **query).json()["data"]
        return [entry["runId"] for entry in data]

    assert found()[1:] == [second, first]
    assert found(model="veo2-video") == [second]
    assert found(conversationUUID=talk) == [first]
    assert found(model="veo2-video", conversationUUID=talk) == []
    assert len(found(limit=2)) == 2
    assert here.get("/api/generate-video/recover", key=OTHER_KEY).json() == {"data": []}


@pytest.mark.parametrize("limit", ["0", "51", "many", "-1", "1.5", ""])
def test_a_limit_out_of_bounds_is_400(limit: str) -> None:
    answer = stand().get("/api/generate-video/recover", limit=limit)
    assert (answer.status, answer.json()["error"]["param"]) == (400, "limit")


@pytest.mark.parametrize(
    ("variant", "ending", "kind"),
    [
        ("video", "/0.mp4", "video/mp4"),
        ("thumbnail", "/1.jpg", "image/jpeg"),
        ("spritesheet", "/2.jpg", "image/jpeg"),
    ],
)
def test_content_says_where_the_file_is(variant: str, ending: str, kind: str) -> None:
    query = {"runId": JOB, "model": "sora-2", "variant": variant}
    body = stand(job()).get("/api/generate-video/content", **query).json()
    assert body["url"].partition("?")[0].endswith(ending)
    assert body["contentType"] == kind


def test_content_of_a_model_seen_live_redirects() -> None:
    here = stand(job(model="grok-imagine-video"))
    url = here.status(JOB)["output"]["video"]["url"]
    path, _, query = url.partition("?")
    answer = here.get(path, **dict(pair.split("=") for pair in query.split("&")))
    assert answer.status == 302
    assert answer.headers["location"].partition("?")[0].endswith(f"/runs/{JOB}/0.mp4")


@pytest.mark.parametrize(
    ("choice", "sora", "grok"),
    [("documented", 200, 302), ("redirect", 302, 302), ("json", 200, 200)],
)
def test_content_answers_as_switched(choice: str, sora: int, grok: int) -> None:
    switches = {"nanogpt": {"content": choice}}
    for model, status in (("sora-2", sora), ("grok-imagine-video", grok)):
        here = stand(job(model=model), switches=switches)
        assert here.get("/api/generate-video/content", runId=JOB, model=model).status == status


@pytest.mark.parametrize(
    ("given", "query", "status"),
    [
        (job(), {"model": "veo2-video"}, 400),
        (job(), {"model": "grok-imagine-video"}, 400),
        (job(), {"model": "sora-2", "variant": "poster"}, 400),
        (job(status="IN_PROGRESS"), {"model": "sora-2"}, 400),
        (job(status="FAILED"), {"model": "sora-2"}, 400),
        (job(owner="other_api_key"), {"model": "sora-2"}, 403),
        (None, {"model": "sora-2"}, 404),
    ],
)
def test_what_content_refuses(
    given: dict[str, Any] | None, query: dict[str, str], status: int
) -> None:
    answer = stand(given).get("/api/generate-video/content", runId=JOB, **query)
    assert answer.status == status
