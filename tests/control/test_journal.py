"""The journal's pages: whose exchanges, which of them, and no secrets."""

from typing import Any

import httpx
import pytest

from simulator.control.plane import control_plane
from tests.control import plane
from tests.control.test_har import HAR
from tests.toy import KEYS, Stand, stand

pytestmark = pytest.mark.anyio


async def ask(at: Stand, page: str, /, **query: str) -> httpx.Response:
    app = control_plane(at.house)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://toy.localhost",
        trust_env=False,
        verify=False,
    ) as client:
        return await client.get(page, params=query)


async def listed(at: Stand, /, **query: str) -> Any:
    answer = await ask(at, "/_understudy/journal", **query)
    assert answer.status_code == 200
    return answer.json()


async def test_exchanges_are_listed_newest_last() -> None:
    at = stand()
    await at.make("one")
    await at.make("two")
    found = await listed(at)
    assert [item["request"]["body"] for item in found] == ['{"prompt":"one"}', '{"prompt":"two"}']
    assert found[0]["operation"] == "createMake"
    assert (found[0]["provider"], found[0]["account_id"], found[0]["status"]) == ("toy", "ada", 202)
    assert found[0]["reply"]["size_bytes"] == len(found[0]["reply"]["body"])


@pytest.mark.parametrize(("limit", "count"), [("0", 0), ("1", 1), ("2", 2), ("99", 3)])
async def test_a_limit_shows_the_latest(limit: str, count: int) -> None:
    at = stand()
    for prompt in ("one", "two", "three"):
        await at.make(prompt)
    found = await listed(at, limit=limit)
    bodies = ['{"prompt":"one"}', '{"prompt":"two"}', '{"prompt":"three"}']
    assert [item["request"]["body"] for item in found] == bodies[3 - count :]
    archive = (await ask(at, "/_understudy/journal.har", limit=limit)).json()
    assert len(archive["log"]["entries"]) == count


@pytest.mark.parametrize("limit", ["", "-1", "1.5", "many", "٣", "9" * 5000])
async def test_a_limit_that_is_no_number_is_refused(limit: str) -> None:
    assert (await ask(stand(), "/_understudy/journal", limit=limit)).status_code == 400


async def test_a_tenant_has_a_journal_of_its_own() -> None:
    at = stand()
    tenant, keys = await at.house.found("other", seed="x")
    await at.make("mine")
    await at.make("theirs", key=keys["toy"][0])
    assert [item["request"]["body"] for item in await listed(at)] == ['{"prompt":"mine"}']
    theirs = await listed(at, tenant=tenant.name)
    assert [item["request"]["body"] for item in theirs] == ['{"prompt":"theirs"}']


@pytest.mark.parametrize("page", ["journal", "journal.har"])
async def test_an_unknown_tenant_has_none(page: str) -> None:
    answer = await ask(stand(), f"/_understudy/{page}", tenant="nobody")
    assert (answer.status_code, answer.json()) == (404, {"error": "no tenant 'nobody'"})


async def test_the_archive_is_a_file_of_the_same_exchanges() -> None:
    at = stand()
    await at.make()
    await at.ask("GET", "/toy/nowhere")
    answer = await ask(at, "/_understudy/journal.har")
    disposition = answer.headers["content-disposition"]
    assert disposition == 'attachment; filename="understudy-default.har"'
    HAR.validate(answer.json())
    statuses = [item["response"]["status"] for item in answer.json()["log"]["entries"]]
    assert statuses == [202, 404]


@pytest.mark.parametrize("page", ["journal", "journal.har"])
async def test_no_key_is_shown(page: str) -> None:
    at = stand()
    await at.make()
    text = (await ask(at, f"/_understudy/{page}")).text
    assert KEYS[0] not in text
    assert "[redacted]" in text


async def test_a_refused_request_shows_why() -> None:
    at = stand()
    await at.ask("POST", "/toy/makes", json={"prompt": 1})
    [found] = await listed(at)
    assert found["error"] == "invalid"
    assert [item["pointer"] for item in found["violations"]] == ["/prompt"]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"provider": "toy"}, [1, 2, 3, 4, 5]),
        ({"provider": "other"}, []),
        ({"operation": "createMake"}, [1, 2, 4]),
        ({"operation": "*Make"}, [1, 2, 3, 4]),
        ({"account": "bob"}, [2]),
        ({"status": "202"}, [1, 2]),
        ({"status": "4xx"}, [3, 4, 5]),
        ({"status": ">=404"}, [3, 5]),
        ({"method": "POST"}, [1, 2, 4]),
        ({"path": "/toy/makes*"}, [1, 2, 3, 4]),
        ({"error": "unknown_path"}, [5]),
        ({"text": "a dog"}, [2]),
        ({"text": "run_not_found"}, [3]),
        ({"scenario": "anything"}, []),
        ({"since": "default.3"}, [4, 5]),
        ({"since": "1970-01-01T00:00:00Z"}, [1, 2, 3, 4, 5]),
        ({"since": "2999-01-01"}, []),
        ({"operation": "createMake", "limit": "1"}, [4]),
        ({"since": "default.1", "status": "4xx", "limit": "2"}, [4, 5]),
    ],
)
async def test_a_filter_shows_what_fits_it(query: dict[str, str], numbers: list[int]) -> None:
    at = stand()
    await at.make("a cat")
    await at.make("a dog", key=KEYS[1])
    await at.ask("GET", "/toy/makes/none")
    await at.ask("POST", "/toy/makes", json={"prompt": 1})
    await at.ask("GET", "/toy/nowhere")
    wanted = [f"default.{number}" for number in numbers]
    assert [item["id"] for item in await listed(at, **query)] == wanted
    archive = (await ask(at, "/_understudy/journal.har", **query)).json()
    assert [item["_exchange"] for item in archive["log"]["entries"]] == wanted


@pytest.mark.parametrize(
    "query",
    [
        {"status": "2x"},
        {"status": "=200"},
        {"method": "post"},
        {"since": "yesterday"},
        {"since": "other.3"},
        {"since": "9999-99-99"},
        {"colour": "red"},
    ],
)
async def test_a_filter_that_means_nothing_is_refused(query: dict[str, str]) -> None:
    [name] = query
    for page in ("journal", "journal.har", "journal/tail"):
        answer = await ask(stand(), f"/_understudy/{page}", **query)
        assert answer.status_code == 400
        assert answer.json()["violations"][0]["pointer"] == f"/{name}"


async def test_what_is_cleared_is_gone_and_ids_go_on() -> None:
    at = plane.plane()
    other = await at.told("POST", "/tenants", json={"name": "other"})
    for key in (plane.NANO, plane.NANO, other["keys"]["nanogpt"][0]):
        await at.raw("POST", "/api/check-balance", headers={"x-api-key": key})
    assert await at.told("DELETE", "/journal") == {"cleared": 2}
    assert await at.told("GET", "/journal") == []
    assert len(await at.told("GET", "/journal", params={"tenant": "other"})) == 1
    await at.raw("POST", "/api/check-balance", headers={"x-api-key": plane.NANO})
    assert [item["id"] for item in await at.told("GET", "/journal")] == ["default.3"]
    gone = await at.ask("GET", "/exchanges/default.1")
    assert (gone.status_code, gone.json()) == (
        404,
        {"error": "exchange 'default.1' has left the journal"},
    )
