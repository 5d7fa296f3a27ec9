"""Scenarios through the app: the library with every provider, headers, counts, the journal."""

import json
from functools import cache
from typing import Any

import anyio
import httpx
import pytest

import contracts
from simulator import resources
from simulator.core.errors import REFUSALS
from simulator.core.scenarios import Scenario
from simulator.http.breaking import BrokenExchange
from simulator.http.validation import Schemas
from simulator.scripting import files
from simulator.scripting.law import Contracts
from tests.http.vendors import STARTS, Vendor, vendor

pytestmark = pytest.mark.anyio

LIBRARY = files.read([resources.fixture("scenarios")], Contracts(contracts.names(), contracts.load))
DELIVERIES = {name for name, item in LIBRARY.items() if item.rules[0].give.webhook is not None}

REFUSING = {
    "content-policy": "content_policy",
    "empty-balance": "insufficient_credits",
    "model-not-found": "model_not_found",
    "rate-limited": "rate_limited",
}
ONCE_OR_MORE = {"rate-limit-burst": 3, "server-error-once": 1, "gateway-page": 3}
BREAKING = {"connection-reset", "connection-reset-within", "empty-reply", "wrong-content-length"}
PLANS = {
    "content-policy-late": ("10s", "failed"),
    "failed-run": ("10s", "failed"),
    "fails-at-second-stage": ("10s", "failed"),
    "stuck-run": ("364d", "working"),
    "slow-start": ("119s", ""),
    "slow-run": ("9m59s", "working"),
    "flapping-stages": ("59s", ""),
}
WAITING = {"high-latency", "slow-headers", "slow-body"}
OTHERS = {
    "outage-30s",
    "flaky-5-percent",
    "expired-media-url",
    "truncated-json",
    "garbled-reply",
    "wrong-content-type",
    "unusual-replies",
}


VENDORS = cache(vendor)
"""One app a provider; each test begins with a new world in it."""


@pytest.fixture(params=STARTS)
async def at(request: pytest.FixtureRequest) -> Vendor:
    """Each provider, its world as it was founded."""
    found = VENDORS(request.param)
    await found.control("POST", "/reset")
    return found


def test_every_scenario_of_the_library_is_tried_here() -> None:
    tried = {*REFUSING, *ONCE_OR_MORE, *BREAKING, *PLANS, *WAITING, *OTHERS}
    assert tried | DELIVERIES == set(LIBRARY)


@pytest.mark.parametrize("scenario", LIBRARY.values(), ids=LIBRARY)
def test_every_scenario_of_the_library_is_described(scenario: Scenario) -> None:
    assert 40 < len(scenario.description) < 300
    assert scenario.description.endswith(".")


def is_declared(at: Vendor, answer: httpx.Response) -> bool:
    """Whether a reply to a start is one that the contract declares."""
    contract = contracts.load(at.name)
    spec = contract.operation(STARTS[at.name]).replies.get(str(answer.status_code))
    if spec is None:
        return False
    media = spec.content["application/json"]
    return Schemas(contract, {}).at(media.pointer).is_valid(answer.json())


async def runs(at: Vendor) -> list[str]:
    """The ids of all runs; some worlds are furnished with a few."""
    return [run["id"] for run in (await at.control("GET", "/runs"))["runs"]]


async def state(at: Vendor) -> str:
    """The core's state of the newest run."""
    return str((await at.control("GET", "/runs"))["runs"][0]["state"])


@pytest.mark.parametrize("name", REFUSING)
async def test_a_refusal_is_the_providers_own(at: Vendor, name: str) -> None:
    before = await runs(at)
    await at.use(name)
    for _ in range(2):
        answer = await at.start()
        assert 400 <= answer.status_code <= 500
        assert "x-understudy-bug" not in answer.headers
        exchange = await at.latest()
        assert (exchange.error, exchange.scenario) == (REFUSING[name], name)
    assert await runs(at) == before
    await at.control("DELETE", f"/scenarios/{name}")
    assert (await at.start()).is_success


@pytest.mark.parametrize("error", REFUSALS)
async def test_every_error_can_be_given_by_every_provider(at: Vendor, error: str) -> None:
    await at.use("any", {"give": {"error": error}})
    answer = await at.start()
    assert 400 <= answer.status_code < 600
    assert "x-understudy-bug" not in answer.headers
    assert (await at.latest()).error == error


@pytest.mark.parametrize("name", ONCE_OR_MORE)
async def test_after_so_many_calls_all_is_fine(at: Vendor, name: str) -> None:
    await at.use(name)
    answers = [await at.start() for _ in range(ONCE_OR_MORE[name] + 1)]
    assert [answer.is_success for answer in answers] == [*[False] * ONCE_OR_MORE[name], True]


async def test_a_burst_says_how_long_to_wait() -> None:
    at = vendor("nanogpt")
    await at.use("rate-limit-burst")
    answer = await at.start()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert is_declared(at, answer)


async def test_a_page_of_a_gateway_comes_in_place_of_json(at: Vendor) -> None:
    await at.use("gateway-page")
    answer = await at.start()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize("name", PLANS)
async def test_a_run_takes_another_course(at: Vendor, name: str) -> None:
    await at.use(name)
    started = await at.start()
    assert started.is_success
    by, expected = PLANS[name]
    await at.advance(by)
    seen = await state(at)
    assert seen == expected if expected else seen in ("queued", "working")
    assert (await at.poll(started)).is_success
    assert (await at.latest()).scenario == ""
    if name in ("slow-start", "slow-run", "flapping-stages"):
        await at.advance("10m")
        assert await state(at) == "completed"
    assert next(iter((await at.tenant()).journal)).scenario == name


async def test_stages_flap_where_there_are_several() -> None:
    at = vendor("nanogpt")
    await at.use("flapping-stages")
    started = await at.start()
    stages: list[str] = []
    for _ in range(62):
        run = (await at.control("GET", "/runs"))["runs"][0]
        if stages[-1:] != [run["stage"]]:
            stages.append(run["stage"])
        await at.advance("1s")
    assert stages.count("generating") == stages.count("delivering") == 4
    assert (await at.poll(started)).json()["data"]["status"] == "COMPLETED"


async def test_an_outage_ends_after_thirty_seconds_of_the_tenants_time(at: Vendor) -> None:
    await at.use("outage-30s")
    seen = []
    for _ in range(4):
        seen.append((await at.start()).is_success)
        await at.advance("10s")
    assert seen == [False, False, False, True]


async def test_one_call_in_twenty_fails_and_always_the_same_ones(at: Vendor) -> None:
    played = []
    for _ in range(2):
        await at.control("POST", "/reset")
        await at.use("flaky-5-percent")
        played.append([(await at.start()).is_success for _ in range(100)])
    assert played[0] == played[1]
    assert 1 <= played[0].count(False) <= 12


def links(value: Any) -> list[str]:
    """The links to files that are in a reply."""
    if isinstance(value, dict):
        return [link for member in value.values() for link in links(member)]
    if isinstance(value, list):
        return [link for item in value for link in links(item)]
    return [value] if isinstance(value, str) and "/_assets/" in value and "/runs/" in value else []


async def test_links_to_files_have_expired(at: Vendor) -> None:
    started = await at.start()
    await at.advance("1h")
    fresh = links((await at.poll(started)).json())
    await at.use("expired-media-url")
    late = links((await at.poll(started)).json())
    assert fresh
    assert len(late) == len(fresh)
    for good, expired in zip(fresh, late, strict=True):
        assert (await at.ask("GET", good)).status_code == 200
        assert (await at.ask("GET", expired)).status_code in (403, 404)
    await at.control("DELETE", "/scenarios")
    assert links((await at.poll(started)).json()) == fresh


@pytest.mark.parametrize("name", BREAKING)
async def test_a_connection_breaks_once(at: Vendor, name: str) -> None:
    await at.use(name)
    with pytest.raises((BrokenExchange, httpx.HTTPError)):
        await at.start()
    exchange = await at.latest()
    assert (exchange.scenario, exchange.fault) == (name, LIBRARY[name].rules[0].give.fault.kind)  # type: ignore[union-attr]
    assert (await at.start()).is_success


async def test_json_ends_too_early(at: Vendor) -> None:
    await at.use("truncated-json")
    answer = await at.start()
    assert answer.is_success
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert (await at.start()).json()


async def test_a_body_is_garbled(at: Vendor) -> None:
    await at.use("garbled-reply")
    with pytest.raises(ValueError):  # noqa: PT011  # of JSON or of UTF-8
        (await at.start()).json()


async def test_replies_call_themselves_html(at: Vendor) -> None:
    await at.use("wrong-content-type")
    answer = await at.start()
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.json()


@pytest.mark.parametrize("name", WAITING)
async def test_a_reply_waits_for_the_tenants_clock(at: Vendor, name: str) -> None:
    await at.use(name)
    answers: list[httpx.Response] = []

    async def start() -> None:
        answers.append(await at.start())

    async with anyio.create_task_group() as group:
        group.start_soon(start)
        await anyio.wait_all_tasks_blocked()
        assert not answers
        await at.advance("5m")
    assert answers[0].json()


async def test_unusual_replies_keep_to_the_contract(at: Vendor) -> None:
    await at.use("unusual-replies")
    answer = await at.start()
    assert answer.is_success
    assert is_declared(at, answer)
    assert (await at.latest()).scenario == "unusual-replies"


# The header.


async def test_a_header_has_a_scenario_for_one_request_alone(at: Vendor) -> None:
    answer = await at.start(headers={"Understudy-Scenario": "content-policy"})
    assert not answer.is_success
    assert (await at.latest()).scenario == "content-policy"
    assert (await at.start()).is_success
    assert (await at.control("GET", "/scenarios"))["scenarios"] == []


async def test_a_header_gives_a_run_another_course(at: Vendor) -> None:
    await at.start(headers={"Understudy-Scenario": "stuck-run"})
    await at.advance("1h")
    assert await state(at) in ("queued", "working")


async def test_a_client_that_always_sends_the_header_gets_through_a_burst(at: Vendor) -> None:
    header = {"Understudy-Scenario": "rate-limit-burst"}
    answers = [(await at.start(headers=header)).is_success for _ in range(4)]
    assert answers == [False, False, False, True]


async def test_the_scenarios_of_a_header_go_before_those_in_force() -> None:
    at = vendor("nanogpt")
    await at.use("empty-balance")
    header = {"Understudy-Scenario": "stuck-run, content-policy"}
    assert (await at.start(headers=header)).is_success
    told = dict((await at.latest()).passed_over)
    assert told == {
        "content-policy": "stuck-run applied first",
        "empty-balance": "stuck-run applied first",
    }


@pytest.mark.parametrize("names", ["nobody", "stuck-run, nobody", "", ","])
async def test_an_unknown_name_is_refused_with_those_that_there_are(at: Vendor, names: str) -> None:
    before = await runs(at)
    answer = await at.start(headers={"Understudy-Scenario": names})
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "known"}
    assert set(answer.json()["known"]) == set(LIBRARY)
    assert await runs(at) == before


async def test_a_refused_key_is_refused_whatever_the_scenario(at: Vendor) -> None:
    await at.use("outage-30s")
    key = next(iter(at.headers))
    await at.start(headers={key: "nobody's"})
    assert (await at.latest()).error == "unauthenticated"
    assert (await at.latest()).scenario == ""


# What applied, and why others did not.


async def test_why_scenarios_did_not_apply_is_in_the_journal() -> None:
    at = vendor("nanogpt")
    for name in ("slow-run", "server-error-once"):
        await at.use(name)
    await at.use("elsewhere", {"match": {"provider": "recoup"}, "give": {"error": "unavailable"}})
    await at.start()
    first = await at.latest()
    await at.start()
    second = await at.latest()
    assert (first.scenario, first.passed_over) == (
        "server-error-once",
        (("elsewhere", "it is for recoup"), ("slow-run", "server-error-once applied first")),
    )
    assert (second.scenario, second.passed_over) == (
        "slow-run",
        (
            ("elsewhere", "it is for recoup"),
            ("server-error-once", "this is call 2, and it ends with 1"),
        ),
    )


async def test_a_scenario_may_match_what_is_asked() -> None:
    at = vendor("nanogpt")
    match = {"operation": "createVideo", "body": {"$.prompt": {"contains": "dragon"}}}
    await at.use("dragons", {"match": match, "give": {"error": "content_policy"}})
    answers = [(await at.start(prompt)).is_success for prompt in ("a cat", "a dragon", "a dog")]
    assert answers == [True, False, True]


async def test_a_forced_reply_stands_in_for_the_providers_own() -> None:
    at = vendor("nanogpt")
    match = {"provider": "nanogpt", "operation": "checkBalance"}
    body = {"usd_balance": "1.00", "nano_balance": "0", "nanoDepositAddress": "nano_1"}
    reply = {"status": 200, "body": body, "allow_invalid": True, "headers": {"X-Extra": "1"}}
    await at.use("poor", {"match": match, "give": {"reply": reply}})
    answer = await at.ask("POST", "/api/check-balance")
    assert (answer.json(), answer.headers["x-extra"]) == (body, "1")


async def test_in_a_world_without_scenarios_none_is_asked(at: Vendor) -> None:
    await at.start()
    exchange = await at.latest()
    assert (exchange.scenario, exchange.passed_over, exchange.fault) == ("", (), "")


# Triggers.


async def test_a_text_that_is_no_trigger_is_warned_of() -> None:
    at = vendor("nanogpt")
    answer = await at.start("a cat [understudy:expl\u00f6de]")
    assert answer.is_success
    assert answer.headers["understudy-warning"].startswith("[understudy:expl?de] is no trigger; ")
    assert "understudy-warning" not in (await at.start("[understudy:fail]")).headers


# Prefer.


async def test_a_status_is_preferred(at: Vendor) -> None:
    answer = await at.start(headers={"Prefer": "code=401"})
    assert answer.status_code == 401
    assert answer.headers["preference-applied"] == "code=401"
    assert is_declared(at, answer)


async def test_every_example_of_every_operation_can_be_preferred(at: Vendor) -> None:
    contract = contracts.load(at.name)
    operation = contract.operation(STARTS[at.name])
    for status, spec in operation.replies.items():
        for name, example in spec.content["application/json"].examples.items():
            prefer = f"code={status}, example={name}"
            answer = await at.start(headers={"Prefer": prefer})
            assert answer.status_code == int(status)
            assert answer.json() == example
            assert answer.headers["preference-applied"] == prefer


async def test_a_reply_can_be_drawn_from_the_contract(at: Vendor) -> None:
    answers = [await at.start(headers={"Prefer": "code=400; dynamic=true"}) for _ in range(2)]
    assert is_declared(at, answers[0])
    assert answers[0].content == answers[1].content
    assert answers[0].headers["preference-applied"] == "code=400, dynamic=true"


@pytest.mark.parametrize(
    ("prefer", "told"),
    [
        ("code=418", "declares no status '418'"),
        ("example=nobody", "declares no example 'nobody'"),
        ("code=abc", "code is a status from 200 to 599, not 'abc'"),
        ("dynamic=perhaps", "dynamic is true or false, not 'perhaps'"),
        ("example=x, dynamic=true", "either an example or dynamic=true"),
    ],
)
async def test_a_preference_that_cannot_be_met_is_refused(
    at: Vendor, prefer: str, told: str
) -> None:
    answer = await at.start(headers={"Prefer": prefer})
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize(
    "prefer", ["respond-async", "return=minimal, wait=10", "dynamic=false", ""]
)
async def test_other_preferences_are_left_alone(at: Vendor, prefer: str) -> None:
    answer = await at.start(headers={"Prefer": prefer})
    assert answer.is_success
    assert "preference-applied" not in answer.headers


async def test_an_invalid_request_is_refused_whatever_it_prefers(at: Vendor) -> None:
    operation = contracts.load(at.name).operation(STARTS[at.name])
    headers = {"Prefer": "code=200", "content-type": "application/json"}
    answer = await at.ask(operation.method, operation.path, content=b"{", headers=headers)
    assert answer.status_code == 400
    assert "preference-applied" not in answer.headers
