"""`Understudy()` for unittest and scripts, and everything that a world offers."""

import socket
import unittest
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import anyio
import httpx
import pytest

from simulator.testing import ControlError, Understudy, World

ORDER = {"prompt": "A cat", "model": "kling-video-v2", "duration": "5"}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Understudy]:
    with Understudy() as running:
        yield running


@pytest.fixture
def world(stand_in: Understudy) -> Iterator[World]:
    with stand_in.tenant(now="2026-08-01T09:00:00Z", frozen=True) as founded:
        yield founded


@pytest.fixture
def http(world: World) -> Iterator[httpx.Client]:
    url, headers = "http://understudy.test", world.nanogpt.headers()
    with httpx.Client(transport=world.transport, base_url=url, headers=headers) as client:
        yield client


def ordered(http: httpx.Client) -> str:
    reply = http.post("/api/generate-video", json=ORDER)
    assert reply.status_code == 202, reply.text
    return str(reply.json()["runId"])


def test_no_port_is_bound_before_somebody_wants_one(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[object] = []
    bind = socket.create_server

    def noted(address: tuple[str, int], backlog: int) -> socket.socket:
        bound.append(address)
        return bind(address, backlog=backlog)

    monkeypatch.setattr(socket, "create_server", noted)
    with Understudy() as running:
        running.tenant().runs()
        assert not bound
        assert httpx.get(f"{running.url}/_understudy/health").status_code == 200
        assert bound == [("127.0.0.1", 0)]
        url = running.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_it_is_nothing_outside_of_its_block() -> None:
    idle = Understudy()
    for look in (lambda: idle.url, lambda: idle.transport, idle.tenant):
        with pytest.raises(RuntimeError, match="not running"):
            look()


def test_one_that_runs_elsewhere_is_driven_alike(stand_in: Understudy) -> None:
    with Understudy(stand_in.url) as remote, remote.tenant(frozen=True) as world:
        assert remote.url == stand_in.url
        headers = world.nanogpt.headers()
        url = f"{world.nanogpt.url}/api/generate-video"
        assert httpx.post(url, json=ORDER, headers=headers).status_code == 202
        assert world.runs.latest("nanogpt").state == "queued"
        with pytest.raises(RuntimeError, match="not in here"):
            _ = world.transport


def test_one_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Understudy(f"http://127.0.0.1:{port}") as remote, pytest.raises(ControlError) as error:
        remote.tenant()
    assert error.value.status == 0
    assert str(port) in error.value.message


def test_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="no provider nobody"):
        Understudy(only=["nobody"]).start()


def test_worlds_have_names_of_their_own(stand_in: Understudy) -> None:
    with stand_in.tenant("mine") as first:
        with pytest.raises(ControlError, match="there is a tenant 'mine'") as error:
            stand_in.tenant("mine")
        assert error.value.status == 409
        assert first.nanogpt.key != stand_in.tenant().nanogpt.key
    with stand_in.tenant("mine", seed="other") as again:
        assert again.seed == "other"


def test_a_deleted_world_may_be_deleted_again(stand_in: Understudy) -> None:
    world = stand_in.tenant()
    world.delete()
    world.delete()
    with pytest.raises(ControlError):
        world.reset()


def test_the_clock_is_moved_stopped_and_sped_up(world: World) -> None:
    clock = world.clock
    assert clock.now == datetime(2026, 8, 1, 9, tzinfo=UTC)
    assert clock.is_frozen
    assert clock.advance("90s") == datetime(2026, 8, 1, 9, 1, 30, tzinfo=UTC)
    assert clock.advance(timedelta(milliseconds=500)).microsecond == 500_000
    before = clock.time()
    clock.sleep(2.5)
    clock.sleep(-1)
    assert clock.time() == pytest.approx(before + 2.5)
    clock.resume()
    assert any(clock.time() > before + 2.5 for _ in range(1000))
    clock.speed(1_000_000)
    assert any(clock.time() > before + 10 for _ in range(1000))
    assert clock.freeze() == clock.now


def test_the_clock_goes_to_what_is_next(world: World, http: httpx.Client) -> None:
    run_id = ordered(http)
    world.clock.next()
    assert world.runs[run_id].state == "completed"


def test_runs_are_listed_and_changed(world: World, http: httpx.Client) -> None:
    failed, held, completed, cancelled = (ordered(http) for _ in range(4))
    assert world.runs[failed].fail("content_policy", "no").reason == "content_policy"
    assert world.runs[cancelled].cancel().state == "cancelled"
    assert world.runs[completed].complete().state == "completed"
    world.runs[held].hold()
    world.clock.advance("1h")
    assert world.runs[held].state in ("queued", "working")
    assert world.runs[held].release().read().told["amendments"][0]["action"] == "hold"
    assert {run.id for run in world.runs("nanogpt", state="failed")} == {failed}
    assert len(world.runs("nanogpt")) == 4
    assert len(world.runs) == len(list(world.runs)) >= 4
    with pytest.raises(ControlError, match="no run 'nothing'"):
        _ = world.runs["nothing"]


def test_the_latest_run_is_changed_without_its_id(world: World, http: httpx.Client) -> None:
    with pytest.raises(LookupError, match="no run of nanogpt was started"):
        world.runs.latest("nanogpt")
    run_id = ordered(http)
    for change in (world.runs.hold, world.runs.release, world.runs.complete):
        assert change("nanogpt").id == run_id
    world.clock.advance("1s")
    second_id = ordered(http)
    assert anyio.run(world.runs.started, "nanogpt", 2).id == second_id
    assert world.runs.fail("nanogpt").state == "failed"
    world.clock.advance("1s")
    ordered(http)
    assert world.runs.cancel("nanogpt").state == "cancelled"


def test_credits_limits_and_keys_of_both_accounts(world: World, http: httpx.Client) -> None:
    vendor = world.nanogpt
    assert world.credits("nanogpt", "2.5", account=2) == Decimal("2.5")
    assert world.credits("nanogpt", 0) == 0
    assert vendor.credits(account=2) == Decimal("2.5")
    assert http.post("/api/generate-video", json=ORDER).status_code == 402
    vendor.credits(1e2)
    vendor.limits([{"name": "burst", "count": 1, "window": "10s"}])
    ordered(http)
    assert http.post("/api/generate-video", json=ORDER).status_code == 429
    vendor.limits("off", concurrency=[{"name": "runs", "count": 1}])
    assert http.post("/api/generate-video", json=ORDER).status_code == 429
    added = {"x-api-key": vendor.add_key()}
    assert http.get("/api/generate-video/recover", headers=added).status_code == 200
    vendor.revoke_key(added["x-api-key"])
    assert http.get("/api/generate-video/recover", headers=added).status_code == 401
    assert vendor.account_id() != vendor.account_id(2)
    with pytest.raises(LookupError, match="no account 3"):
        vendor.credits(account=3)


def test_calls_are_failed_so_often_and_no_more(world: World, http: httpx.Client) -> None:
    failing = world.fail_next("nanogpt", "rate_limited", times=2, retry_after="7s")
    replies = [http.post("/api/generate-video", json=ORDER) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [429, 429, 202]
    assert replies[0].headers["retry-after"] == "7"
    assert failing.applied == 2
    world.fail_next("recoup.createVideo")
    world.fail_next(error="unavailable")
    assert http.post("/api/generate-video", json=ORDER).status_code == 503
    ordered(http)


def test_scenarios_are_narrowed_stacked_and_ended(world: World, http: httpx.Client) -> None:
    with world.scenario("rate-limited", provider="leonardo"):
        ordered(http)
        with world.scenario("rate-limited", provider="nanogpt", after="1s", for_="10s") as second:
            assert second.name == "rate-limited-2"
            ordered(http)
            world.clock.advance("2s")
            assert http.post("/api/generate-video", json=ORDER).status_code == 429
            world.clock.advance("10s")
            ordered(http)
    assert world.scenarios.names() == []
    rules = [{"match": {"first": 1}, "give": {"error": "server_error"}}]
    world.scenario({"name": "mine", "rules": rules}, operation="createVideo")
    assert world.scenarios.names() == ["mine"]
    assert http.post("/api/generate-video", json=ORDER).status_code == 500
    world.scenarios.clear()
    with pytest.raises(ControlError, match="did you mean stuck-run"):
        world.scenario("stuck-runs")


def test_pace_and_variety_are_set_for_one_provider_or_all(world: World, http: httpx.Client) -> None:
    assert world.pace("now", "nanogpt")["nanogpt"] == "now"
    assert world.runs[ordered(http)].state == "completed"
    assert set(world.pace("polls").values()) == {"polls"} == set(world.pace().values())
    assert world.variety("high", "recoup")["nanogpt"] == "none"
    assert world.variety()["recoup"] == "high"


def test_requests_are_read_and_asserted(world: World, http: httpx.Client) -> None:
    reply = http.post("/api/generate-video", json=ORDER)
    http.post("/api/generate-video", json={**ORDER, "duration": 1})
    requests = world.requests
    assert [request.status for request in requests] == [202, 400]
    assert requests[0].body == ORDER
    assert requests[0].reply_body == reply.json()
    assert requests[0].headers["content-type"] == "application/json"
    assert requests.last.error == "rule_broken"
    assert [item.id for item in requests("createVideo", status="4xx")] == [requests[1].id]
    assert world.diagnosis(reply.headers["understudy-exchange"])["id"] == requests[0].id
    requests.assert_called("createVideo", times=2)
    requests.assert_called(where={"$.prompt": {"contains": "cat"}}, at_least=2)
    requests.assert_in_order("createVideo", {"status": 400})
    requests.assert_not_called("createVideo", body={"duration": "7"})
    with pytest.raises(AssertionError) as error:
        requests.assert_called("createVideo", body={"duration": "7"}, times=1)
    assert 'body/duration: expected "7", got "5"' in str(error.value)
    assert "near: POST /api/generate-video, answered 202" in str(error.value)
    with pytest.raises(AssertionError):
        requests.assert_in_order({"status": 400}, {"status": 202})
    with pytest.raises(AssertionError):
        requests.assert_called("createVideo", at_most=1)
    requests.clear()
    assert not len(requests)
    with pytest.raises(LookupError, match="no request was made"):
        _ = requests.last


def test_a_world_begins_again_with_the_same_keys(world: World, http: httpx.Client) -> None:
    ordered(http)
    world.reset()
    assert world.runs("nanogpt") == []
    ordered(http)


class InUnittest(unittest.TestCase):
    """The same without pytest's fixtures."""

    stand_in: ClassVar[Understudy]

    @classmethod
    def setUpClass(cls) -> None:
        """Start one stand-in for all tests."""
        cls.stand_in = Understudy(only=["nanogpt"])
        cls.stand_in.start()
        cls.addClassCleanup(cls.stand_in.stop)

    def test_a_world_for_each_test(self) -> None:
        """A key of this world is good for it."""
        world = self.stand_in.tenant()
        self.addCleanup(world.delete)
        url = f"{world.nanogpt.url}/api/generate-video"
        reply = httpx.post(url, json=ORDER, headers=world.nanogpt.headers())
        assert reply.status_code == 202
