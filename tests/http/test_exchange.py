"""One request through the edge: the checks in the contract's order, the handler, the journal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from simulator.core.clock import Clock
from simulator.core.errors import Forbidden
from simulator.core.journal import Exchange
from simulator.provider import Reply
from tests.http.raw import KEY_HEADER, ask, chunk
from tests.toy import SHY, T0, TOY, Stand, contract, stand, without_refill

pytestmark = pytest.mark.anyio


async def exchanges(at: Stand, tenant: str = "default") -> list[Exchange]:
    found = await at.house.tenant(tenant)
    assert found is not None
    return list(found.journal)


async def test_a_request_that_passes_reaches_its_handler() -> None:
    answer = await stand().make("a cat")
    assert answer.status_code == 202
    assert answer.json()["request"] == {"count": 1, "prompt": "a cat"}
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.content)


async def test_a_reply_without_a_body_has_no_content_headers() -> None:
    at = stand()
    made = (await at.make()).json()["id"]
    answer = await at.ask("DELETE", f"/toy/makes/{made}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert {"content-type", "content-length"}.isdisjoint(answer.headers)


# The order of checks.


async def test_by_default_the_credential_comes_before_the_body() -> None:
    answer = await stand().ask("POST", "/toy/makes", key=None, json={})
    assert (answer.status_code, answer.json()["reason"]) == (401, "missing")


async def test_where_the_contract_says_so_the_body_comes_before_the_credential() -> None:
    answer = await stand().ask("POST", "/toy/lenient", key=None, json={"count": 9})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid"})


async def test_by_default_a_refused_body_counts_against_the_limit() -> None:
    at = stand(limits="vendor")
    statuses = [(await at.ask("POST", "/toy/makes", json={})).status_code for _ in range(4)]
    assert statuses == [400, 400, 400, 429]


async def test_where_the_body_comes_first_a_refused_body_is_not_counted() -> None:
    at = stand(limits="vendor")
    for _ in range(4):
        await at.ask("POST", "/toy/lenient", json={"count": 9})
    assert (await at.ask("POST", "/toy/lenient", json={})).status_code == 200


async def test_a_refused_key_is_not_counted() -> None:
    at = stand(limits="vendor")
    for _ in range(4):
        await at.ask("GET", "/toy/makes", key="toy_nobody")
    assert (await at.ask("GET", "/toy/makes")).status_code == 200


async def test_a_limit_is_each_accounts_own_and_ends_with_its_window() -> None:
    at = stand(limits="vendor")
    for _ in range(3):
        await at.ask("GET", "/toy/makes")
    refused = await at.ask("GET", "/toy/makes")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert (await at.ask("GET", "/toy/makes", key="toy_bob")).status_code == 200
    await at.advance(60_000)
    assert (await at.ask("GET", "/toy/makes")).status_code == 200


async def test_without_limits_nothing_is_counted() -> None:
    at = stand()
    assert {(await at.ask("GET", "/toy/makes")).status_code for _ in range(20)} == {200}


# Credentials and tenants.


@pytest.mark.parametrize(
    ("key", "reason"), [(None, "missing"), ("toy_nobody", "unknown"), ("nonsense", "malformed")]
)
async def test_a_refused_key_says_why(key: str | None, reason: str) -> None:
    answer = await stand().ask("GET", "/toy/makes", key=key)
    assert (answer.status_code, answer.json()["reason"]) == (401, reason)


async def test_an_open_operation_needs_no_key_and_looks_at_none() -> None:
    for key in (None, "nonsense", "toy_ada"):
        answer = await stand().ask("GET", "/toy/open", key=key)
        assert (answer.status_code, answer.json()) == (200, {"account": ""})


async def test_where_a_key_is_optional_it_says_who_asks() -> None:
    for key, account in ((None, ""), ("toy_ada", "ada")):
        answer = await stand().ask("GET", "/toy/who", key=key)
        assert answer.json() == {"account": account}


async def test_a_provider_may_refuse_a_known_key() -> None:
    toy = replace(TOY, admit=lambda _key, account, _headers: Forbidden(f"no_{account.id}"))
    at = stand({"toy": toy, "shy": SHY})
    answer = await at.ask("GET", "/toy/makes")
    assert (answer.status_code, answer.json()) == (403, {"error": "forbidden", "reason": "no_ada"})


async def test_a_key_of_one_provider_is_nothing_to_another() -> None:
    assert (await stand().ask("GET", "/toy/shy/things", key="toy_ada")).status_code == 401


async def test_a_run_belongs_to_the_account_of_the_key() -> None:
    at = stand()
    made = (await at.make()).json()["id"]
    assert (await at.ask("GET", f"/toy/makes/{made}", key="toy_bob")).status_code == 403
    assert (await at.ask("GET", f"/toy/makes/{made}")).status_code == 200


async def test_a_key_chooses_its_tenant_whatever_the_header_says() -> None:
    at = stand()
    _, keys = await at.house.found("other", seed="s", clock=Clock(0, T0, 0))
    headers = {"understudy-tenant": "default"}
    await at.ask("GET", "/toy/makes", key=keys["toy"][0], headers=headers)
    assert [item.path for item in await exchanges(at, "other")] == ["/toy/makes"]
    assert await exchanges(at) == []


async def test_without_a_known_key_the_header_chooses_the_tenant() -> None:
    at = stand()
    await at.house.found("other", seed="s")
    headers = {"understudy-tenant": "other"}
    paths = ["/toy/makes", "/toy/open", "/toy/none"]
    for path in paths:
        await at.ask("GET", path, key="toy_nobody", headers=headers)
    await at.ask("PUT", "/toy/open", key=None, headers=headers)
    assert [item.path for item in await exchanges(at, "other")] == [*paths, "/toy/open"]


@pytest.mark.parametrize("headers", [{}, {"understudy-tenant": "nowhere"}])
async def test_otherwise_it_is_the_default_tenant(headers: dict[str, str]) -> None:
    at = stand()
    answer = await at.ask("GET", "/toy/makes", key=None, headers=headers)
    assert answer.headers["understudy-exchange"].startswith("default.")


async def test_any_well_formed_key_opens_an_account_where_that_is_wanted() -> None:
    at = stand(any_key=True)
    one = (await at.ask("GET", "/toy/who", key="toy_new")).json()["account"]
    again = (await at.ask("GET", "/toy/who", key="toy_new")).json()["account"]
    other = (await at.ask("GET", "/toy/who", key="toy_other")).json()["account"]
    assert one == again != other
    assert (await at.ask("GET", "/toy/makes", key="nonsense")).status_code == 401


async def test_given_keys_take_the_place_of_the_demo_keys() -> None:
    at = stand(keys={"toy": ("toy_mine",)})
    assert (await at.ask("GET", "/toy/who", key="toy_mine")).json() == {"account": "ada"}
    assert (await at.ask("GET", "/toy/who", key="toy_bob")).json() == {"account": "bob"}
    assert (await at.ask("GET", "/toy/makes", key="toy_ada")).status_code == 401


# Input.


async def test_defaults_are_filled_in_and_what_was_given_is_kept() -> None:
    answer = (await stand().ask("POST", "/toy/lenient", json={"count": 2})).json()
    assert answer["body"] == {"prompt": "a dog", "count": 2}
    assert answer["given"] == {"count": 2}


async def test_defaults_of_the_query_are_filled_in() -> None:
    assert (await stand().ask("GET", "/toy/makes")).json()["query"] == {"limit": 10}
    assert (await stand().ask("GET", "/toy/makes?limit=3")).json()["query"] == {"limit": 3}


async def test_a_refused_query_names_its_parameter() -> None:
    answer = await stand().ask("GET", "/toy/makes?limit=101&only=maybe")
    assert answer.status_code == 400
    found = json.loads(answer.headers["understudy-violations"])
    assert [(item["location"], item["pointer"]) for item in found] == [
        ("query", "/limit"),
        ("query", "/only"),
    ]


async def test_a_refused_path_parameter_is_a_violation() -> None:
    answer = await stand().ask("GET", "/toy/makes/" + "x" * 41)
    assert answer.status_code == 400
    assert json.loads(answer.headers["understudy-violations"])[0]["location"] == "path"


async def test_the_query_is_read_as_javascript_would_where_the_contract_says_so() -> None:
    answer = await stand().ask("GET", "/toy/javascript?number=0x10&integer=%205&boolean=true")
    assert answer.json()["query"] == {"number": 16, "integer": 5, "boolean": True}
    assert (await stand().ask("GET", "/toy/javascript?integer=5.5")).status_code == 400


async def test_query_parameters_may_stand_in_for_body_fields() -> None:
    at = stand()
    answer = await at.ask("POST", "/toy/lenient?prompt=q&count=3", json={"count": 2})
    assert answer.json()["body"] == {"prompt": "q", "count": 2}
    assert (await at.ask("POST", "/toy/lenient?count=9")).status_code == 400
    assert (await at.ask("POST", "/toy/lenient?prompt=q")).json()["given"] == {"prompt": "q"}


BAD_BODIES = [
    b"{",
    b"not json",
    b'{"prompt": NaN}',
    b'{"prompt": Infinity}',
    b'{"prompt": "\xff"}',
    b'{"prompt": "a", "anything": ' + b"[" * 512 + b"]" * 512 + b"}",
    b'{"prompt": "\\ud800", "anything": NaN}',
    b"\x00",
]


@pytest.mark.parametrize("body", BAD_BODIES)
async def test_a_malformed_body_is_refused_and_changes_nothing(body: bytes) -> None:
    at = stand()
    answer = await at.ask("POST", "/toy/makes", content=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "malformed_body"})
    (told,) = json.loads(answer.headers["understudy-violations"])
    assert (told["location"], told["pointer"]) == ("body", "")
    assert told["message"].startswith("no JSON text: ")
    assert (await at.ask("GET", "/toy/makes")).json()["ids"] == []


@pytest.mark.parametrize("body", BAD_BODIES)
async def test_a_malformed_body_is_empty_where_the_contract_says_so(body: bytes) -> None:
    answer = await stand().ask("POST", "/toy/lenient", content=body)
    assert (answer.status_code, answer.json()["given"]) == (200, {})


async def test_a_required_body_that_is_missing_lacks_its_fields() -> None:
    answer = await stand().ask("POST", "/toy/makes")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid"})
    assert json.loads(answer.headers["understudy-violations"])[0]["pointer"] == "/prompt"


async def test_an_optional_body_may_be_missing() -> None:
    assert (await stand().ask("POST", "/toy/echo")).json()["body"] is None


async def test_null_is_a_body() -> None:
    at = stand()
    refused = await at.ask("POST", "/toy/makes", content=b"null")
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid"})
    assert (await at.ask("POST", "/toy/echo", content=b"null")).status_code == 200


async def test_of_duplicate_keys_the_last_wins() -> None:
    answer = await stand().ask("POST", "/toy/echo", content=b'{"a": 1, "b": 2, "a": 3}')
    assert answer.json()["body"] == {"a": 3, "b": 2}


async def test_a_lone_surrogate_comes_back_as_an_escape() -> None:
    at = stand()
    body = b'{"prompt": "a\\ud800", "anything": {"\\udfff": 1}}'
    answer = await at.ask("POST", "/toy/makes", content=body)
    assert answer.status_code == 202
    assert b'"prompt":"a\\ud800"' in answer.content
    shown = await at.ask("GET", f"/toy/makes/{answer.json()['id']}")
    assert b'"prompt":"a\\ud800"' in shown.content


async def test_a_body_nested_to_the_bound_is_judged_kept_and_shown() -> None:
    at = stand()
    body = b'{"prompt": "a", "anything": ' + b"[" * 511 + b"]" * 511 + b"}"
    answer = await at.ask("POST", "/toy/makes", content=body)
    assert answer.status_code == 202
    assert (await at.ask("GET", f"/toy/makes/{answer.json()['id']}")).status_code == 200


async def test_a_huge_integer_is_a_number() -> None:
    answer = await stand().ask("POST", "/toy/echo", content=b'{"a": ' + b"9" * 30 + b"}")
    assert answer.json()["body"] == {"a": 1e30}


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["prompt", "count", "parts", "input", "kind", "words", "anything"])
            | st.text(st.characters(), max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(ANY_JSON)
async def test_no_json_body_makes_an_unplanned_500(value: Any) -> None:
    at = stand()
    for path in ("/toy/makes", "/toy/lenient", "/toy/echo"):
        content = json.dumps(value).encode()
        status, headers, _ = await ask(at, "POST", path, [chunk(content)])
        assert status in (200, 202, 400)
        assert b"x-understudy-bug" not in headers


@given(
    st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]),
    st.sampled_from(["/toy/makes", "/toy/javascript", "/toy/lenient", "/toy/none"])
    | st.text(max_size=12).map(lambda text: f"/toy/makes/{text}")
    | st.text(max_size=12),
    st.binary(max_size=30),
    st.binary(max_size=30),
    st.lists(st.tuples(st.sampled_from([b"host", b"authorization", b"x"]), st.binary(max_size=9))),
)
async def test_no_request_makes_an_unplanned_500(
    method: str, path: str, query: bytes, body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    given_headers = (KEY_HEADER, *headers)
    status, got, _ = await ask(
        stand(), method, path, [chunk(body)], query=query, headers=given_headers
    )
    assert 200 <= status < 500
    for name, value in got.items():
        assert b"\r" not in name + value
        assert b"\n" not in name + value


# Diagnosis and bugs.


async def test_every_reply_names_its_exchange() -> None:
    at = stand()
    asked = [("GET", "/toy/open"), ("GET", "/toy/none"), ("PUT", "/toy/open"), ("POST", "/")]
    names = [(await at.ask(*one)).headers["understudy-exchange"] for one in asked]
    assert names == ["default.1", "default.2", "default.3", "default.4"]


async def test_a_refused_request_lists_all_its_violations() -> None:
    answer = await stand().ask("POST", "/toy/makes", json={"count": 9, "\r\nx": "\u2603"})
    found = json.loads(answer.headers["understudy-violations"])
    assert [item["pointer"] for item in found] == ["/prompt", "/count", "/\r\nx"]


async def test_a_broken_rule_is_a_violation_whatever_its_words() -> None:
    answer = await stand().ask("POST", "/toy/rule")
    (found,) = json.loads(answer.headers["understudy-violations"])
    assert found["pointer"] == "/prompt"
    assert "not_today" in found["message"]
    assert "x-evil" not in answer.headers


async def test_a_reply_that_is_no_refusal_explains_nothing() -> None:
    answer = await stand().make()
    assert {"understudy-violations", "understudy-closest", "allow"}.isdisjoint(answer.headers)


@pytest.mark.parametrize(
    ("method", "path", "word"),
    [("POST", "/toy/broken", "ZeroDivisionError"), ("GET", "/toy/nonsense", "TypeError")],
)
async def test_our_own_bug_is_marked_as_such(method: str, path: str, word: str) -> None:
    at = stand()
    answer = await at.ask(method, path)
    assert (answer.status_code, answer.headers["x-understudy-bug"]) == (500, "1")
    assert "stand-in" in answer.json()["error"]
    (exchange,) = await exchanges(at)
    assert word in exchange.bug
    assert "Traceback" in exchange.bug


async def test_a_bug_in_the_words_of_a_refusal_is_marked_too() -> None:
    at = stand({"toy": replace(TOY, refuse=lambda _refused: Reply(1 // 0)), "shy": SHY})
    answer = await at.ask("GET", "/toy/none")
    assert (answer.status_code, answer.headers["x-understudy-bug"]) == (500, "1")


# The journal.


async def test_the_journal_has_every_exchange_in_full() -> None:
    at = stand()
    answer = await at.ask("POST", "/toy/makes?x=1", json={"prompt": "a cat"})
    (exchange,) = await exchanges(at)
    assert exchange.id == answer.headers["understudy-exchange"]
    assert (exchange.method, exchange.path, exchange.query) == ("POST", "/toy/makes", "x=1")
    assert (exchange.provider, exchange.operation) == ("toy", "createMake")
    assert (exchange.account_id, exchange.status) == ("ada", 202)
    assert exchange.reply_body == answer.content
    assert json.loads(exchange.request_body) == {"prompt": "a cat"}
    assert exchange.duration_us >= 0


async def test_the_journal_has_no_keys() -> None:
    at = stand()
    await at.ask("GET", "/toy/makes")
    (exchange,) = await exchanges(at)
    assert "toy_ada" not in repr(exchange)


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/toy/none", 404, "unknown_path"),
        ("PUT", "/toy/makes", 405, "method_not_allowed"),
        ("OPTIONS", "/toy/makes", 204, ""),
        ("GET", "/nowhere", 404, ""),
        ("GET", "/toy/makes/", 308, ""),
        ("HEAD", "/toy/makes", 200, ""),
    ],
)
async def test_the_journal_has_what_never_reached_a_handler(
    method: str, path: str, status: int, error: str
) -> None:
    at = stand()
    await at.ask(method, path)
    (exchange,) = await exchanges(at)
    assert (exchange.status, exchange.error) == (status, error)


async def test_the_journal_tells_why_a_request_was_refused() -> None:
    at = stand()
    await at.ask("POST", "/toy/makes", json={})
    (exchange,) = await exchanges(at)
    assert (exchange.error, exchange.violations[0].pointer) == ("invalid", "/prompt")


# Runs over the wire.


async def test_a_run_is_made_while_the_clock_moves_and_paid_when_it_ends() -> None:
    at = stand()
    made = (await at.make()).json()
    seen = []
    for _ in range(4):
        shown = (await at.ask("GET", f"/toy/makes/{made['id']}")).json()
        seen.append((shown["state"], shown["balance"]))
        await at.advance(1000)
    assert seen == [("queued", 1000), ("working", 1000), ("working", 1000), ("completed", 900)]


async def test_a_call_that_cannot_be_paid_is_402() -> None:
    at = stand({"toy": without_refill(TOY), "shy": SHY})
    statuses = [(await at.make(f"{number}")).status_code for number in range(11)]
    assert statuses == [202] * 10 + [402]


async def test_an_operation_without_a_handler_is_answered_from_its_contract() -> None:
    at = stand()
    one, two = [(await at.ask("GET", "/toy/unwritten?name=a")) for _ in range(2)]
    assert one.status_code == 200
    assert one.json() == two.json()
    assert set(one.json()) >= {"name", "weight"}
    assert contract().operation("unwritten").id not in TOY.operations
