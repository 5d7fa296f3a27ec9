"""Verification over the control plane: yes or no, and in what the nearest differ."""

from typing import Any

import pytest

from tests.control.plane import NANO, Plane, plane

pytestmark = pytest.mark.anyio

VIDEO = {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"}


async def videos(at: Plane, *durations: str) -> None:
    for duration in durations:
        body = {**VIDEO, "duration": duration}
        headers = {"x-api-key": NANO}
        await at.raw("POST", "/api/generate-video", json=body, headers=headers)


async def verified(at: Plane, **body: Any) -> Any:
    return await at.told("POST", "/tenants/default/verify", json=body)


async def test_what_was_asked_for_is_verified() -> None:
    at = plane()
    await videos(at, "5", "10")
    answer = await verified(
        at,
        expect=[{"operation": "createVideo", "status": 202, "body": {"duration": "5"}}],
        count={"exactly": 1},
    )
    assert answer == {
        "verified": True,
        "message": "as expected: there is 1: default.1",
        "count": 1,
        "matched": ["default.1"],
        "near_misses": [],
    }


async def test_a_near_miss_says_field_by_field_what_differs() -> None:
    at = plane()
    await videos(at, "5")
    answer = await verified(
        at,
        expect=[
            {
                "operation": "createVideo",
                "account": "nobody",
                "status": "4xx",
                "headers": {"x-api-key": "?redacted?", "x-trace": "1"},
                "body": {"duration": "7", "prompt": "A cat", "seed": 4},
                "where": {"$.prompt": {"contains": "dog"}, "$.duration": "5"},
            }
        ],
    )
    assert not answer["verified"]
    [miss] = answer["near_misses"]
    assert (miss["exchange"], miss["status"], miss["expectation"]) == ("default.1", 202, 0)
    assert miss["score"] == round(4 / 10, 3)
    shown = {item["where"]: (item["expected"], item.get("got")) for item in miss["differences"]}
    assert shown.pop("account")[0] == "nobody"
    assert shown == {
        "status": ("4xx", 202),
        "headers/x-trace": ("1", None),
        "body/duration": ("7", "5"),
        "body/seed": (4, None),
        "body $.prompt": ({"contains": "dog"}, VIDEO["prompt"]),
    }


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"operation": "creatVideo"}, "(did you mean createVideo?)"),
        ({"provider": "recoup", "operation": "getVideoStatus"}, "listTemplates"),
        ({"provider": "nanogtp"}, "(did you mean nanogpt?)"),
    ],
)
@pytest.mark.parametrize("count", [{"exactly": 0}, {"at_least": 1}, {"at_most": 5}])
async def test_a_misspelt_name_never_passes(
    wanted: dict[str, Any], told: str, count: dict[str, int]
) -> None:
    answer = await verified(plane(), expect=[wanted], count=count)
    assert not answer["verified"]
    assert "there is no " in answer["message"]
    assert told in answer["message"]


async def test_a_pattern_of_operations_may_fit_none() -> None:
    answer = await verified(plane(), expect=[{"operation": "rename*"}], count={"exactly": 0})
    assert answer["verified"]


async def test_order_and_beginning() -> None:
    at = plane()
    await videos(at, "5", "10", "5")
    five, ten = ({"body": {"duration": duration}} for duration in ("5", "10"))
    assert (await verified(at, expect=[five, ten, five], in_order=True))["verified"]
    assert not (await verified(at, expect=[ten, ten], in_order=True))["verified"]
    late = await verified(at, expect=[five], count={"exactly": 1}, since="default.2")
    assert (late["verified"], late["matched"]) == (True, ["default.3"])
    early = await verified(at, expect=[five], count={"at_least": 2}, since="default.2")
    assert not early["verified"]


async def test_what_never_happened_is_verified_too() -> None:
    at = plane()
    assert (await verified(at, expect=[{"status": ">=500"}], count={"exactly": 0}))["verified"]


async def test_what_has_left_the_journal_is_told() -> None:
    at = plane(journal_bytes=20_000)
    await videos(at, *["5"] * 20)
    answer = await verified(at, expect=[{"operation": "createVideo"}], count={"exactly": 20})
    assert not answer["verified"]
    assert "older exchanges have left it" in answer["message"]


async def test_long_values_are_cut() -> None:
    at = plane()
    await videos(at, "x" * 5000)
    answer = await verified(at, expect=[{"operation": "createVideo", "body": {"duration": "5"}}])
    [difference] = answer["near_misses"][0]["differences"]
    assert len(difference["got"]) < 2100


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/expect"),
        ({"expect": []}, "/expect"),
        ({"expect": [{"colour": "red"}]}, "/expect/0/colour"),
        ({"expect": [{}], "count": {}}, "/count"),
        ({"expect": [{}], "count": {"exactly": 1, "at_most": 2}}, "/count"),
        ({"expect": [{}], "count": {"exactly": 1}, "in_order": True}, "/count"),
        ({"expect": [{}], "since": "soon"}, "/since"),
        ({"expect": [{"where": {"a": 1}}]}, "/expect/0/where"),
        ({"expect": [{"where": {"$[": 1}}]}, "/expect/0/where/$["),
        ({"expect": [{"where": {"$['a/b']": {"in": 1}}}]}, "/expect/0/where/$['a~1b']/in"),
        ({"expect": [{"where": {"$.a": {"min": True}}}]}, "/expect/0/where/$.a/min"),
        ({"expect": [{"where": {"$.a": {"is": 1, "or": 2}}}]}, "/expect/0/where/$.a/or"),
        ({"expect": [{}, {"where": {"$.a": {"matches": "("}}}]}, "/expect/1/where/$.a/matches"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_its_place(body: Any, pointer: str) -> None:
    answer = await plane().ask("POST", "/tenants/default/verify", json=body)
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["pointer"] == pointer
