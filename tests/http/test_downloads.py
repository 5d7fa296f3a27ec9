"""Downloads that scenarios delay or break: only those of rules that name downloads."""

import pytest

from simulator.http.breaking import ResetByFault
from tests.control.plane import Plane, plane

pytestmark = pytest.mark.anyio

SAMPLE = "/_assets/recoup/default/samples/any.mp4"
SCENARIOS = "/tenants/default/scenarios"


async def with_fault(fault: object, **match: object) -> Plane:
    at = plane()
    rule = {"match": {"operation": "downloadFile", **match}, "give": {"fault": fault}}
    await at.told("PUT", f"{SCENARIOS}/bad-storage", json={"rules": [rule]})
    return at


async def journaled(at: Plane) -> list[dict[str, object]]:
    """The downloads of the journal, oldest first."""
    told = await at.told("GET", "/journal", params={"tenant": "default"})
    return [item for item in told if item["path"] == SAMPLE]


async def test_a_download_breaks_off_in_the_middle() -> None:
    at = await with_fault({"kind": "reset-within", "after_bytes": 1000})
    with pytest.raises(ResetByFault, match="after 1000 of"):
        await at.raw("GET", SAMPLE)
    (exchange,) = await journaled(at)
    assert exchange["fault"] == "reset-within"
    assert exchange["scenario"] == "bad-storage"
    assert exchange["bug"] is None
    assert exchange["reply"]["size_bytes"] == 1000  # type: ignore[index]


async def test_a_download_of_the_wrong_type_is_whole() -> None:
    whole = await plane().raw("GET", SAMPLE)
    reply = await (await with_fault("wrong-content-type")).raw("GET", SAMPLE)
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.content == whole.content
    assert reply.headers.get_list("understudy-exchange") == [reply.headers["understudy-exchange"]]


async def test_a_part_of_a_file_is_harmed_like_the_whole() -> None:
    at = await with_fault("garbled")
    reply = await at.raw("GET", SAMPLE, headers={"range": "bytes=0-99"})
    whole = await plane().raw("GET", SAMPLE)
    assert (reply.status_code, len(reply.content)) == (206, 100)
    assert reply.content != whole.content[:100]


@pytest.mark.parametrize("match", [{"provider": "leonardo"}, {"nth": 2}, {"account": "account 1"}])
async def test_other_downloads_are_left_alone(match: dict[str, object]) -> None:
    at = await with_fault("reset-before", **match)
    assert (await at.raw("GET", SAMPLE)).status_code == 200


async def test_a_download_names_a_scenario_for_itself_alone() -> None:
    at = plane()
    named = {"understudy-scenario": "wrong-content-type"}
    reply = await at.raw("GET", SAMPLE, headers=named)
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["understudy-scenario"] == "wrong-content-type"
    assert (await at.raw("GET", SAMPLE)).headers["content-type"] == "video/mp4"
    counts = [(item["operation"], item["scenario"]) for item in await journaled(at)]
    assert counts == [("downloadFile", "wrong-content-type"), ("downloadFile", None)]


async def test_a_scenario_for_other_operations_is_not_for_a_download_that_names_it() -> None:
    named = {"understudy-scenario": "stuck-run"}
    reply = await plane().raw("GET", SAMPLE, headers=named)
    assert (reply.status_code, reply.headers.get("understudy-scenario")) == (200, None)


async def test_a_download_that_names_no_scenario_there_is_is_refused() -> None:
    at = plane()
    reply = await at.raw("GET", SAMPLE, headers={"understudy-scenario": "nope"})
    assert (reply.status_code, reply.headers["understudy-declined"]) == (400, "scenario")
    assert "stuck-run" in reply.json()["known"]
    assert [item["status"] for item in await journaled(at)] == [400]


async def test_a_rule_that_names_no_operation_speaks_of_no_download() -> None:
    at = plane()
    await at.told("PUT", f"{SCENARIOS}/connection-reset")
    assert (await at.raw("GET", SAMPLE)).status_code == 200
    assert (await at.raw("HEAD", SAMPLE)).status_code == 200
    assert {item["fault"] for item in await journaled(at)} == {None}


async def test_the_head_of_a_download_has_no_body_to_break() -> None:
    at = await with_fault({"kind": "truncated-json", "framing": "broken"})
    reply = await at.raw("HEAD", SAMPLE)
    assert (reply.status_code, reply.content) == (200, b"")
