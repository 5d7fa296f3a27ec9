"""Every kind of fault, by a scenario: from `understudy serve` to a client, and in the journal."""

from collections.abc import Iterator

import httpx
import pytest

from tests.served import Ready, served

PATH = "/api/check-balance"
EXPECTED: dict[str, type[Exception] | None] = {
    "delay": None,
    "slow-body": None,
    "reset-before": httpx.ReadError,
    "reset-within": httpx.ReadError,
    "empty-reply": httpx.RemoteProtocolError,
    "truncated-json": ValueError,
    "garbled": ValueError,
    "wrong-content-type": None,
    "wrong-content-length": httpx.RemoteProtocolError,
}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Ready]:
    with served("--only", "nanogpt") as ready:
        yield ready


@pytest.mark.parametrize("kind", EXPECTED)
def test_a_client_meets_the_fault_and_the_journal_tells_of_it(stand_in: Ready, kind: str) -> None:
    with httpx.Client(base_url=stand_in.url, trust_env=False, timeout=30) as client:
        tenants = "/_understudy/tenants"
        made = client.post(tenants, json={"clock": {"frozen": True}}).raise_for_status().json()
        tenant, key = made["name"], made["keys"]["nanogpt"][0]
        fault = {"kind": kind, "delay": 0} if kind == "delay" else kind
        rule = {"match": {}, "give": {"fault": fault}}
        put = client.put(f"{tenants}/{tenant}/scenarios/broken", json={"rules": [rule]})
        put.raise_for_status()
        expected = EXPECTED[kind]

        def ask() -> httpx.Response:
            with client.stream("POST", PATH, headers={"x-api-key": key}) as reply:
                if kind == "slow-body":
                    client.post(f"{tenants}/{tenant}/clock/advance", json={"by": "1h"})
                reply.read()
            reply.json()
            return reply

        if expected is None:
            reply = ask()
            is_misnamed = reply.headers["content-type"].startswith("text/html")
            assert is_misnamed is (kind == "wrong-content-type")
        else:
            with pytest.raises(expected):
                ask()
        journal = client.get("/_understudy/journal", params={"tenant": tenant}).json()
        assert [item["fault"] for item in journal if item["path"] == PATH] == [kind]
