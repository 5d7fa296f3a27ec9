"""Money: what goes out in which tier, counted by what answers say."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

import contracts
from conformance import check, profiles
from conformance.budget import Budget
from conformance.guard import Guard, Policy, Refused
from conformance.judge import Judge
from conformance.log import ExchangeLog
from conformance.model import Tier
from conformance.target import Keys, target
from tests.conformance.targets import FIRST, SECOND, Target

ARTIST = "1873859c-dd37-4e9a-9bac-80d3558527a9"
BASE = "http://target.test"
BILL_NOTHING = {
    "recoup": set(),
    "nanogpt": {"/api/check-balance"},
    "leonardo": {f"/api/rest/v1/{name}" for name in ("pricing-calculator", "init-image", "media")},
}
"""What may be written to a stranger: it makes no job, and the documents give it no price."""


class Wire(httpx.BaseTransport):
    """Answers from a table of replies by path and keeps what was sent."""

    def __init__(self, reply: httpx.Response | Exception) -> None:
        self.reply = reply
        self.sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Keep the request, give the reply."""
        self.sent.append(request)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def guard(wire: Wire, tier: Tier, budget: Budget | None = None, **policy: Any) -> Guard:
    judges = (Judge(contracts.load("recoup")),)
    where = target(BASE, Keys(FIRST))
    profile = profiles.load("recoup")
    given = budget or Budget()
    return Guard(wire, where, ExchangeLog(), judges, profile, given, Policy(tier, **policy))


def created(count: int) -> httpx.Response:
    return httpx.Response(202, json={"runIds": [f"run_{i}" for i in range(count)]})


def post(path: str, body: Any, url: str = BASE) -> httpx.Request:
    headers = {"x-api-key": FIRST, "content-type": "application/json"}
    return httpx.Request("POST", url + path, headers=headers, content=json.dumps(body).encode())


VALID = {"artist_account_id": ARTIST}


def test_free_tier_sends_nothing_that_could_start_a_job() -> None:
    wire = Wire(created(1))
    with pytest.raises(Refused, match="could start a job"):
        guard(wire, Tier.FREE).handle_request(post("/api/content/create", {}))
    assert wire.sent == []


def test_validation_tier_sends_only_what_must_be_refused() -> None:
    wire = Wire(httpx.Response(400, json={"error": "x"}))
    judged = guard(wire, Tier.VALIDATION)
    judged.handle_request(post("/api/content/create", {}))
    with pytest.raises(Refused, match="must be refused"):
        judged.handle_request(post("/api/content/create", VALID))
    assert len(wire.sent) == 1


def test_operation_is_left_alone_after_its_first_wrong_acceptance() -> None:
    wire = Wire(created(1))
    judged = guard(wire, Tier.VALIDATION)
    judged.handle_request(post("/api/content/create", {}))
    with pytest.raises(Refused, match="left alone"):
        judged.handle_request(post("/api/content/create", {}))
    assert judged.budget.jobs == 1


def test_bad_batch_that_a_broken_target_would_bill_is_not_sent() -> None:
    wire = Wire(created(31))
    with pytest.raises(Refused, match="31 jobs"):
        guard(wire, Tier.VALIDATION).handle_request(
            post("/api/content/create", {**VALID, "batch": 31})
        )
    assert wire.sent == []


def test_only_one_job_starts_on_a_target_that_takes_every_body() -> None:
    app = Target(validates=False, authorizes=False)
    check(
        provider="recoup", app=app, keys=(FIRST, SECOND), base_url=BASE,
        tier=Tier.VALIDATION, only=("recoup.createContent",),
    )  # fmt: skip
    assert len(app.recording.writes()) == 1


def test_jobs_are_counted_by_answers() -> None:
    wire = Wire(created(2))
    judged = guard(wire, Tier.FUZZ, Budget(max_jobs=3))
    judged.handle_request(post("/api/content/create", VALID))
    assert judged.budget.jobs == 2
    with pytest.raises(Refused, match="1 left of 3"):
        judged.handle_request(post("/api/content/create", {**VALID, "batch": 2}))


def test_job_without_an_answer_counts_at_its_worst() -> None:
    wire = Wire(httpx.ReadTimeout("slow"))
    judged = guard(wire, Tier.FUZZ, Budget(max_jobs=10))
    with pytest.raises(httpx.ReadError):
        judged.handle_request(post("/api/content/create", {**VALID, "batch": 4}))
    assert judged.budget.jobs == 4


def test_refused_job_costs_nothing() -> None:
    wire = Wire(httpx.Response(402, json={"error": "x"}))
    judged = guard(wire, Tier.FUZZ, Budget(max_jobs=1))
    judged.handle_request(post("/api/content/create", VALID))
    judged.handle_request(post("/api/content/create", VALID))
    assert judged.budget.jobs == 0


def test_redirect_may_lead_to_a_job() -> None:
    wire = Wire(httpx.Response(303, headers={"location": "/api/tasks/runs?runId=run_1"}))
    judged = guard(wire, Tier.FUZZ, Budget(max_jobs=2))
    judged.handle_request(post("/api/content/create", {**VALID, "batch": 2}))
    assert judged.budget.jobs == 2
    with pytest.raises(Refused, match="0 left of 2"):
        judged.handle_request(post("/api/content/create", VALID))


@pytest.mark.parametrize("status", [307, 308])
def test_redirect_that_asks_for_the_same_once_more_started_nothing(status: int) -> None:
    wire = Wire(httpx.Response(status, headers={"location": "/api/content/create/"}))
    judged = guard(wire, Tier.FUZZ, Budget(max_jobs=1))
    judged.handle_request(post("/api/content/create", VALID))
    judged.handle_request(post("/api/content/create", VALID))
    assert judged.budget.jobs == 0


class Slow(Wire):
    """Lets nobody wait for long, and remembers how many it had at a time."""

    def __init__(self, reply: httpx.Response) -> None:
        super().__init__(reply)
        self.together = threading.Barrier(2)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait a moment for a second request before answering."""
        with suppress(threading.BrokenBarrierError):
            self.together.wait(0.2)
        return super().handle_request(request)


def test_only_one_of_many_side_by_side_is_sent_to_a_target_that_takes_it() -> None:
    wire = Slow(created(1))
    judged = guard(wire, Tier.VALIDATION)

    def send(_: int) -> str:
        try:
            judged.handle_request(post("/api/content/create", {}))
        except Refused as error:
            return str(error)
        return "sent"

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(send, range(4)))
    assert found.count("sent") == len(wire.sent) == judged.budget.jobs == 1


def test_unknown_price_is_unbounded_under_a_cost_limit() -> None:
    judged = guard(Wire(created(1)), Tier.FUZZ, Budget(max_cost=1000.0))
    with pytest.raises(Refused, match="price is unknown"):
        judged.handle_request(post("/api/content/video", {"image_url": "https://a.test/b.png"}))


def test_cost_limit_holds() -> None:
    judged = guard(Wire(created(1)), Tier.FUZZ, Budget(max_cost=1.0))
    judged.handle_request(post("/api/content/create", VALID))
    with pytest.raises(Refused, match=r"0\.82 USD, 0\.18 left"):
        judged.handle_request(post("/api/content/create", VALID))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_undeclared_writes_stay_here(method: str) -> None:
    wire = Wire(httpx.Response(405))
    with pytest.raises(Refused, match="not declared"):
        guard(wire, Tier.PAID).handle_request(httpx.Request(method, f"{BASE}/api/tasks/runs"))
    assert wire.sent == []


def test_credentials_do_not_leave_the_origin() -> None:
    wire = Wire(httpx.Response(200, content=b"x"))
    request = httpx.Request(
        "GET", "https://elsewhere.test/a.mp4", headers={"x-api-key": FIRST, "Authorization": "b"}
    )
    guard(wire, Tier.PAID).handle_request(request)
    assert "x-api-key" not in wire.sent[0].headers
    assert "authorization" not in wire.sent[0].headers


def test_writes_outside_the_origin_stay_here() -> None:
    with pytest.raises(Refused, match="outside the target's origin"):
        guard(Wire(created(1)), Tier.FUZZ).handle_request(
            post("/api/content/create", VALID, url="https://elsewhere.test")
        )


def test_body_is_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.wire.MAX_BODY_BYTES", 1000)

    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            while True:
                yield b"x" * 300

    wire = Wire(httpx.Response(200, stream=Endless()))
    judged = guard(wire, Tier.FREE)
    reply = judged.handle_request(httpx.Request("GET", f"{BASE}/api/content/templates"))
    assert len(reply.content) == 1000


def test_stranger_is_sent_no_job_by_default() -> None:
    app = Target()
    result = check(provider="recoup", app=app, keys=(FIRST, SECOND), base_url=BASE)
    assert result.tier is Tier.FREE
    assert app.recording.writes() == []
    assert result.spent.jobs == 0
    assert len(app.recording.calls) > 100


@pytest.mark.parametrize("provider", contracts.names())
@pytest.mark.parametrize("status", [200, 303, 401, 500])
def test_stranger_whatever_it_answers_is_sent_nothing_that_bills(
    provider: str, status: int
) -> None:
    sent: list[tuple[str, str]] = []

    async def app(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        sent.append((scope["method"], scope["path"]))
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": "x", "runIds": ["y"]}'})

    result = check(provider=provider, app=app, keys=(FIRST, SECOND), base_url=BASE)
    written = {path for method, path in sent if method not in ("GET", "HEAD", "OPTIONS")}
    assert result.spent.jobs == 0
    assert len(sent) > 100
    assert written == BILL_NOTHING[provider]


def test_paid_tier_never_starts_more_than_asked() -> None:
    app = Target()
    check(
        provider="recoup", app=app, keys=(FIRST, SECOND), base_url=BASE,
        tier=Tier.PAID, max_jobs=2, wait_seconds=0.2,
    )  # fmt: skip
    started = [
        body for _, path, body in app.recording.writes()
        if json_valid(path, body)
    ]  # fmt: skip
    assert len(started) == 2


def test_generated_requests_pass_the_guard_every_one() -> None:
    app = Target(is_understudy=True)
    result = check(
        provider="recoup", app=app, keys=(FIRST, SECOND), base_url=BASE, tier=Tier.FUZZ,
        only=("recoup.generated",), operations=("listTemplates", "createCaption"), max_examples=3,
    )  # fmt: skip
    assert result.spent.requests > 40
    assert len(app.recording.calls) == result.spent.requests
    assert [each.rule.id for each in result.failed] == []


def test_generated_requests_keep_to_the_budget() -> None:
    app = Target()
    result = check(
        provider="recoup", app=app, keys=(FIRST, SECOND), base_url=BASE, tier=Tier.FUZZ,
        max_jobs=3, only=("recoup.generated",), operations=("createCaption",), max_examples=5,
    )  # fmt: skip
    assert result.spent.jobs <= 3
    assert len(app.recording.calls) == result.spent.requests


def json_valid(path: str, body: bytes) -> bool:
    judge = Judge(contracts.load("recoup"))
    matched = judge.match("POST", path) or judge.match("PATCH", path)
    assert matched is not None
    operation = matched[0]
    assert operation.body is not None
    try:
        value = json.loads(body)
    except RecursionError:
        return True
    except ValueError:
        return False
    return not judge.violations(value, operation.body.pointer, "body")
