"""`understudy ctl` against a stand-in on a socket, as a shell uses it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.cli.driving import ctl, told
from tests.served import Ready, served

NANO = "sk-nano-11111111-1111-4111-8111-111111111111"
VIDEO = {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Ready]:
    with served("--only", "nanogpt") as ready:
        yield ready


def start(ready: Ready, key: str) -> int:
    answer = httpx.post(f"{ready.url}/api/generate-video", json=VIDEO, headers={"x-api-key": key})
    return answer.status_code


def test_a_world_is_driven_from_its_founding_to_its_end(stand_in: Ready) -> None:
    made = told(stand_in, "tenants", "create", "a", "--seed", "s", "--frozen")
    key, second = made["keys"]["nanogpt"]
    here = {"UNDERSTUDY_TENANT": "a"}
    assert [start(stand_in, key) for _ in range(3)] == [202, 202, 202]
    one, two, three = (run["id"] for run in told(stand_in, "runs", "list", **here)["runs"])
    assert told(stand_in, "runs", "hold", one, **here)["ends_at"] is None
    assert told(stand_in, "runs", "fail", two, "--error", "content_policy", **here)
    passed = told(stand_in, "clock", "next", **here)
    assert [item["id"] for item in passed["happened"]] == [three]
    assert told(stand_in, "clock", "advance", "90s", **here)["advanced_ms"] == 90_000
    assert told(stand_in, "clock", "advance", "1000", **here)["advanced_ms"] == 1000
    told(stand_in, "runs", "release", one, **here)
    assert told(stand_in, "runs", "complete", one, **here)["state"] == "completed"
    assert told(stand_in, "runs", "show", two, **here)["outcome"]["reason"] == "content_policy"
    failed = told(stand_in, "runs", "list", "--state", "failed", **here)["runs"]
    assert [run["id"] for run in failed] == [two]
    account = told(stand_in, "accounts", "list", **here)["accounts"][0]["id"]
    assert told(stand_in, "accounts", "set", account, "--credits", "0", **here)["credits"] == "0"
    assert start(stand_in, key) == 402
    added = told(stand_in, "accounts", "add-key", account, **here)["key"]
    told(stand_in, "accounts", "revoke", account, added, **here)
    assert start(stand_in, added) == 401
    assert [item["status"] for item in told(stand_in, "journal", "--limit", "2", **here)] == [
        402,
        401,
    ]
    told(stand_in, "tenants", "reset", **here)
    assert told(stand_in, "runs", "list", **here) == {"runs": []}
    assert start(stand_in, second) == 202
    told(stand_in, "tenants", "delete", "a")
    assert start(stand_in, key) == 401


def test_it_speaks_in_words_too(stand_in: Ready) -> None:
    ctl(stand_in, "tenants", "create", "words", "--frozen", "--now", "2026-08-01T09:00:00Z")
    here = {"UNDERSTUDY_TENANT": "words"}
    assert "words  seed" in ctl(stand_in, "tenants", "list").output
    shown = [
        ctl(stand_in, "clock", *words, **here).output.strip()
        for words in (("show",), ("speed", "2"), ("freeze",), ("resume",))
    ]
    assert shown[0] == "2026-08-01T09:00:00.000Z  frozen"
    assert [line.split("  ")[1] for line in shown] == ["frozen", "speed 2", "frozen", "speed 2"]
    assert "100 USD  refilled" in ctl(stand_in, "accounts", "list", **here).output
    assert ctl(stand_in, "clock", "next", **here).output.startswith("nothing is due\n")
    account = told(stand_in, "accounts", "list", "--provider", "nanogpt", **here)["accounts"][0]
    limited = ctl(
        stand_in,
        "accounts",
        "set",
        account["id"],
        "--limits",
        "vendor",
        "--concurrency",
        "2",
        **here,
    )
    assert "submissions 50 in 60000ms" in limited.output
    assert limited.output.endswith("runs 2 at once\n")
    start(stand_in, NANO)
    assert "202  POST /api/generate-video" in ctl(stand_in, "journal").output
    assert "createVideo" in ctl(stand_in, "runs", "show", _latest(stand_in)).output
    assert "cancelled" in ctl(stand_in, "runs", "cancel", _latest(stand_in)).output


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("runs", "show", "none"), "Error: no run 'none'"),
        (("runs", "show", "a/../b?c"), "Error: nothing at "),
        (("--tenant", "nobody", "clock", "show"), "Error: no tenant 'nobody'"),
        (("clock", "advance", "soon"), "Error: body/by: "),
        (("clock", "speed", "nan"), "Error: a speed is over 0"),
        (("tenants", "delete", "default"), "Error: 'default' always exists"),
        (("tenants", "create", "a b"), "Error: body/name: "),
        (("accounts", "set", "nanogpt-first"), "Error: body: "),
        (
            ("--url", "http://127.0.0.1:1", "tenants", "list"),
            "Error: http://127.0.0.1:1: no stand-in answers (",
        ),
        (("--url", "nonsense", "tenants", "list"), "Error: nonsense: "),
    ],
)
def test_an_error_is_one_line(stand_in: Ready, words: tuple[str, ...], line: str) -> None:
    result = ctl(stand_in, *words)
    assert result.exit_code == 1
    assert result.output.startswith(line), result.output
    assert result.output.count("\n") == 1


def test_a_control_key_is_demanded_and_sent() -> None:
    with served("--only", "nanogpt", "--host", "127.0.0.1", "--control-key", "let-me-in") as ready:
        refused = ctl(ready, "tenants", "list")
        assert refused.output == "Error: the header Understudy-Control-Key is missing\n"
        assert told(ready, "tenants", "list", UNDERSTUDY_CONTROL_KEY="let-me-in")


def test_bound_to_every_address_it_is_off_without_a_key() -> None:
    with served("--only", "nanogpt", "--host", "0.0.0.0") as ready:
        assert "control plane is off" in ctl(ready, "tenants", "list").output
        assert httpx.get(f"{ready.url}/_understudy/health").status_code == 200


def test_a_page_cannot_drive_it_over_a_socket(stand_in: Ready) -> None:
    url = f"{stand_in.url}/_understudy/tenants"
    rebound = httpx.get(url, headers={"host": "evil.test"})
    posted = httpx.post(url, json={}, headers={"origin": "http://evil.test"})
    assert (rebound.status_code, posted.status_code) == (403, 403)


def _latest(ready: Ready) -> str:
    return str(told(ready, "runs", "list", "--limit", "1")["runs"][0]["id"])


def test_webhooks_are_added_listed_and_removed(stand_in: Ready) -> None:
    told(stand_in, "tenants", "create", "hooked", "--frozen")
    here = {"UNDERSTUDY_TENANT": "hooked"}
    key = told(stand_in, "accounts", "list", **here)["accounts"][0]["id"]
    assert key
    made = told(
        stand_in, "webhooks", "add", "http://127.0.0.1:9/", "--event", "run.created", **here
    )
    assert made["secret"].startswith("whsec_")
    added = told(stand_in, "accounts", "add-key", key, **here)["key"]
    assert start(stand_in, added) == 202
    told(stand_in, "clock", "advance", "0s", **here)
    [delivery] = told(stand_in, "webhooks", "deliveries", "--state", "pending", **here)[
        "deliveries"
    ]
    shown = told(stand_in, "webhooks", "attempts", delivery["id"], **here)
    assert shown["attempts"][0]["error"] == "refused"
    words = ctl(stand_in, "webhooks", "deliveries", **here)
    assert "run.created" in words.output
    assert told(stand_in, "webhooks", "redeliver", delivery["id"], **here)["state"] == "pending"
    assert len(told(stand_in, "webhooks", "list", **here)["webhooks"]) == 1
    told(stand_in, "webhooks", "remove", made["id"], **here)
    assert told(stand_in, "webhooks", "list", **here) == {"webhooks": []}


def test_listening_prints_what_comes_and_whether_it_is_signed(stand_in: Ready) -> None:
    here = {"UNDERSTUDY_TENANT": "heard"}
    made = told(stand_in, "tenants", "create", "heard")

    def order_when_listening() -> None:
        listed = f"{stand_in.url}/_understudy/tenants/heard/webhooks"
        with httpx.Client(trust_env=False) as client:
            while not client.get(listed).json()["webhooks"]:
                pass
        assert start(stand_in, made["keys"]["nanogpt"][0]) == 202

    with ThreadPoolExecutor(1) as threads:
        ordered = threads.submit(order_when_listening)
        heard = ctl(stand_in, "webhooks", "listen", "--count", "1", **here)
        ordered.result()
    assert "run.created" in heard.output
    assert heard.output.rstrip().endswith("verified")
    assert told(stand_in, "webhooks", "list", **here) == {"webhooks": []}
