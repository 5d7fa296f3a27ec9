"""From method and path to an operation, and everything that happens beside the way."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import ContractError
from simulator.http.serving import router_of
from tests.toy import SHY, TOY, contract, stand

pytestmark = pytest.mark.anyio

ROUTER = router_of({"toy": contract(), "shy": contract("shy")}, {"toy": TOY, "shy": SHY})
SEGMENT = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1)


def operation_at(method: str, path: str) -> str | None:
    found = ROUTER.find(path)
    served = None if found is None else found[0].by_method.get(method)
    return None if served is None else served.operation.id


def test_every_operation_is_found_at_its_own_path() -> None:
    for name in ("toy", "shy"):
        for operation in contract(name).operations:
            path = re.sub(r"\{\w+\}", "something", operation.path)
            assert operation_at(operation.method, path) == operation.id


def test_a_literal_path_comes_before_a_templated_one() -> None:
    assert operation_at("GET", "/toy/makes/latest") == "latestMake"
    assert operation_at("GET", "/toy/makes/latest2") == "readMake"


@given(SEGMENT)
def test_a_parameter_is_one_whole_segment(text: str) -> None:
    found = ROUTER.find(f"/toy/makes/{text}")
    assert found is not None
    if text != "latest":
        assert found[1] == {"id": text}


@pytest.mark.parametrize("path", ["/toy/makes/", "/toy/makes/a/b", "/toy//makes", "/toy/Makes", ""])
def test_other_paths_are_not_found(path: str) -> None:
    assert ROUTER.find(path) is None


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/toy", "toy"),
        ("/toy/nothing", "toy"),
        ("/toy/shy", "shy"),
        ("/toy/shy/nothing", "shy"),
        ("/toy/shyness", "toy"),
        ("/toys", None),
        ("/", None),
        ("", None),
    ],
)
def test_an_unknown_path_belongs_to_the_longest_prefix(path: str, owner: str | None) -> None:
    found = ROUTER.owner(path)
    assert (found and found.name) == owner


def test_closest_operations_are_named_with_their_method() -> None:
    assert "POST /toy/makes" in ROUTER.closest("POST", "/toy/make")


@given(st.sampled_from(["GET", "POST", "X" * 50]), st.text(max_size=2000))
def test_closest_is_short_whatever_is_asked(method: str, path: str) -> None:
    assert len(ROUTER.closest(method, path)) <= 3


def test_two_contracts_with_the_same_path_are_refused() -> None:
    """The error names the later contract and the place in it."""
    twin = contract("shy").document | {"servers": [{"url": "http://x/toy"}]}
    twin["paths"] = {"/open": twin["paths"]["/things"]}
    documents = {"toy": contract(), "shy": contract("shy", json.dumps(twin))}
    with pytest.raises(ContractError) as refused:
        router_of(documents, {"toy": TOY, "shy": SHY})
    assert str(refused.value).startswith("shy/openapi.yaml#/paths/~1open/get: ")
    assert "claimed by toy" in str(refused.value)


def test_two_contracts_with_another_method_on_the_same_path_are_refused() -> None:
    text = """
openapi: 3.1.0
info: {title: Shy, version: "1"}
servers: [{url: "http://x/toy"}]
paths: {"/makes/{other}": {put: {operationId: other, responses: {"200": {description: ""}}}}}
"""
    with pytest.raises(ContractError, match="claimed by toy"):
        router_of({"toy": contract(), "shy": contract("shy", text)}, {"toy": TOY, "shy": SHY})


async def test_an_unknown_path_is_the_owners_404_and_names_the_closest() -> None:
    answer = await stand().ask("POST", "/toy/make")
    assert (answer.status_code, answer.json()) == (404, {"error": "unknown_path"})
    assert "POST /toy/makes" in answer.headers["understudy-closest"]


async def test_a_path_of_nobody_is_a_neutral_404() -> None:
    answer = await stand().ask("GET", "/nowhere")
    assert answer.status_code == 404
    assert "provider" in answer.json()["error"]
    assert "access-control-allow-origin" not in answer.headers


async def test_a_wrong_method_is_405_with_everything_that_is_allowed() -> None:
    answer = await stand().ask("PUT", "/toy/makes")
    assert (answer.status_code, answer.json()) == (405, {"error": "method_not_allowed"})
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_a_wrong_method_on_a_templated_path_is_405_too() -> None:
    answer = await stand().ask("POST", "/toy/makes/some")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS")


async def test_allow_names_only_what_the_provider_does() -> None:
    answer = await stand().ask("POST", "/toy/shy/things")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_a_405_comes_before_the_credential() -> None:
    assert (await stand().ask("PUT", "/toy/makes", key=None)).status_code == 405


async def test_an_unheard_of_method_is_405() -> None:
    assert (await stand().ask("FROBNICATE", "/toy/makes")).status_code == 405


async def test_head_is_get_without_its_body() -> None:
    at = stand()
    got, headed = await at.ask("GET", "/toy/open"), await at.ask("HEAD", "/toy/open")
    assert (headed.status_code, headed.content) == (200, b"")
    own = ("understudy-exchange",)
    assert {k: v for k, v in headed.headers.items() if k not in own} == {
        k: v for k, v in got.headers.items() if k not in own
    }


async def test_head_is_405_where_the_provider_does_not_have_it() -> None:
    answer = await stand().ask("HEAD", "/toy/shy/things", key="toy_cy")
    assert (answer.status_code, answer.content) == (405, b"")


async def test_options_is_the_providers_preflight_on_known_and_unknown_paths() -> None:
    at = stand()
    known, unknown = await at.ask("OPTIONS", "/toy/makes"), await at.ask("OPTIONS", "/toy/none")
    assert [known.status_code, unknown.status_code] == [204, 204]
    assert known.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert known.headers["x-toy-preflight"] == "1"
    assert known.headers.get_list("access-control-allow-origin") == ["*"]


async def test_options_is_any_other_method_where_there_is_no_preflight() -> None:
    assert (await stand().ask("OPTIONS", "/toy/shy/things")).status_code == 405


@pytest.mark.parametrize("slashes", ["/", "///"])
async def test_a_trailing_slash_is_308_to_the_path_without_it(slashes: str) -> None:
    answer = await stand().ask("POST", f"/toy/makes{slashes}?a=1&b=%20")
    assert (answer.status_code, answer.content) == (308, b"")
    assert answer.headers["location"] == "/toy/makes?a=1&b=%20"
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]


async def test_the_target_of_a_308_is_written_as_a_url() -> None:
    answer = await stand().ask("GET", "/toy/makes/caf%C3%A9%20%0d%0ax-evil:%201/")
    assert answer.status_code == 308
    assert answer.headers["location"] == "/toy/makes/caf%C3%A9%20%0D%0Ax-evil:%201"


async def test_a_trailing_slash_behind_an_unknown_path_is_404() -> None:
    assert (await stand().ask("GET", "/toy/nothing/")).status_code == 404


async def test_a_trailing_slash_is_404_where_the_provider_does_not_redirect() -> None:
    assert (await stand().ask("GET", "/toy/shy/things/")).status_code == 404


async def test_headers_of_handled_replies_stand_in_refusals_but_not_in_404_and_405() -> None:
    at = stand()
    answers = [
        await at.ask("GET", "/toy/open"),
        await at.ask("GET", "/toy/makes", key=None),
        await at.ask("PUT", "/toy/makes"),
        await at.ask("GET", "/toy/none"),
    ]
    assert ["x-toy-handled" in answer.headers for answer in answers] == [True, True, False, False]


async def test_a_provider_that_is_not_served_leaves_its_paths_to_the_others() -> None:
    at = stand(providers={"toy": TOY})
    answer = await at.ask("GET", "/toy/shy/things")
    assert (answer.status_code, answer.json()) == (404, {"error": "unknown_path"})
