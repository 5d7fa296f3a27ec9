"""What is expected of an exchange, and in what one differs."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core import expecting, jsontext
from simulator.core.expecting import Difference, Expected, at_pointer, compared, is_met
from simulator.core.heads import packed
from simulator.core.journal import Exchange
from simulator.core.scenarios import Field

WORDS = st.text("abcz*?[]!/-._ é", min_size=1, max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
PLAIN = ("provider", "operation", "method", "path", "account", "error", "scenario")


def exchange(body: Any = msgspec.UNSET, **fields: Any) -> Exchange:
    """An exchange with a JSON body."""
    kept = b"" if body is msgspec.UNSET else jsontext.dumps(body)
    headers = fields.pop("headers", ())
    told: dict[str, Any] = {
        "status": 202,
        "method": "POST",
        "path": "/a/b",
        "query": "",
        "request_body": kept,
        "request_size": len(kept),
        **fields,
    }
    head = packed(headers)
    return Exchange(id="world.1", tenant="world", started_at_ms=0, request_head=head, **told)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    """Exchanges with everything in them that can be asked for."""
    return exchange(
        draw(VALUES),
        provider=draw(WORDS),
        operation=draw(WORDS),
        method=draw(WORDS),
        path=draw(WORDS),
        account_id=draw(WORDS),
        error=draw(WORDS),
        scenario=draw(WORDS),
        status=draw(st.integers(100, 599)),
        query="size=1%2A&tag=a&tag=b",
        headers=((b"accept", b"*/*"), (b"x-odd", b"[a")),
    )


def everything(made: Exchange) -> Expected:
    """An expectation of all that an exchange is."""
    return Expected(
        provider=made.provider,
        operation=made.operation,
        method=made.method,
        path=made.path,
        account=made.account_id,
        error=made.error,
        scenario=made.scenario,
        status=str(made.status),
        query={"size": "1*", "tag": "b", "none": None},
        headers={"Accept": "*/*", "X-Odd": "[a", "x-none": None},
        body=jsontext.loads(made.request_body),
    )


@given(exchanges())
def test_an_exchange_is_as_expected_of_itself(made: Exchange) -> None:
    wanted = everything(made)
    assert is_met(wanted, made)
    assert compared(wanted, made) == (1.0, [])


@given(exchanges(), st.sets(st.sampled_from(PLAIN)), st.booleans())
def test_the_differences_are_exactly_the_fields_that_differ(
    made: Exchange, changed: set[str], is_other_status: bool
) -> None:
    wanted = everything(made)
    other: dict[str, Any] = {name: f"{getattr(wanted, name)}#" for name in changed}
    if is_other_status:
        other["status"] = "<200" if made.status >= 200 else ">199"
        changed = changed | {"status"}
    wanted = msgspec.structs.replace(wanted, **other)
    score, differences = compared(wanted, made)
    assert {item.where for item in differences} == changed
    assert len(differences) == len(changed)
    assert is_met(wanted, made) is (not changed)
    assert (score == 1) is (not changed)


@given(st.dictionaries(WORDS, st.integers(), min_size=1, max_size=6), st.data())
def test_each_member_of_a_body_that_differs_is_told_by_its_pointer(
    body: dict[str, int], data: st.DataObject
) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(body))))
    wanted = {name: body[name] + (name in names) for name in body}
    _, differences = compared(Expected(body={"in": [wanted]}), exchange({"in": [body], "more": 1}))
    pointers = {f"body/in/0/{name.replace('~', '~0').replace('/', '~1')}": name for name in names}
    assert {item.where: item.got for item in differences} == {
        pointer: body[name] for pointer, name in pointers.items()
    }


@pytest.mark.parametrize(
    ("wanted", "body", "where"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, ["body/a"]),
        ({"a": None}, {}, ["body/a"]),
        ({"a": None}, {"a": None}, []),
        ({}, {"a": 1}, []),
        ({}, [], ["body"]),
        ([1], [1, 2], ["body"]),
        ([{"a": 1}], [{"a": 1, "b": 2}], []),
        ("text", "text", []),
        ({"a": {"b": 1}}, {"a": 5}, ["body/a"]),
    ],
)
def test_of_a_body_the_given_part_is_compared(wanted: Any, body: Any, where: list[str]) -> None:
    assert [item.where for item in compared(Expected(body=wanted), exchange(body))[1]] == where


@pytest.mark.parametrize(
    ("wanted", "status", "fits"),
    [
        ("200", 200, True),
        ("200", 201, False),
        ("4xx", 404, True),
        ("4xx", 500, False),
        (">=400", 400, True),
        (">400", 400, False),
        ("<=299", 299, True),
        ("<300", 300, False),
    ],
)
def test_a_status_is_a_number_a_class_or_a_bound(wanted: str, status: int, fits: bool) -> None:
    assert is_met(Expected(status=wanted), exchange(status=status)) is fits


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"path": "/a/*"}, True),
        ({"path": "/a"}, False),
        ({"operation": "create*"}, True),
        ({"query": {"limit": "1?"}}, True),
        ({"query": {"limit": None}}, False),
        ({"query": {"other": ""}}, False),
        ({"headers": {"User-Agent": "python-httpx/*"}}, True),
        ({"headers": {"user-agent": None}}, False),
        ({"text": "piano"}, True),
        ({"text": "made"}, True),
        ({"text": "violin"}, False),
        ({"fields": (Field("body", "$.prompt", "contains", "piano"),)}, True),
        ({"fields": (Field("body", "$.prompt", "exists", False),)}, False),
        ({"fields": (Field("body", "$.list[*]", "is", 2),)}, True),
        ({"fields": (Field("body", "$.list[*]", "max", 0),)}, False),
    ],
)
def test_patterns_texts_and_conditions(fields: dict[str, Any], fits: bool) -> None:
    made = exchange(
        {"prompt": "A cat at a piano", "list": [1, 2]},
        operation="createVideo",
        query="limit=15",
        headers=((b"user-agent", b"python-httpx/0.28"),),
        reply_body=b'{"state":"made"}',
    )
    assert is_met(Expected(**fields), made) is fits


def test_what_there_is_not_differs_from_null() -> None:
    wanted = Expected(headers={"x-a": "1"}, body={"a": 1})
    _, differences = compared(wanted, exchange({}))
    assert differences == [
        Difference("headers/x-a", "1", is_missing=True),
        Difference("body/a", 1, is_missing=True),
    ]


def test_of_a_body_that_was_cut_it_is_told_that_it_was() -> None:
    made = exchange(request_body=b'{"a":', request_size=100)
    [difference] = compared(Expected(body={"a": 1}), made)[1]
    assert difference.got == "only the first 5 of 100 bytes are kept"


def test_a_body_that_is_no_json_is_text() -> None:
    assert is_met(Expected(body="a=1"), exchange(request_body=b"a=1", request_size=3))


def test_an_expectation_is_told_in_one_line() -> None:
    wanted = Expected(operation="create*", status="4xx", body={"a": 1}, query={"b": None})
    assert expecting.told(wanted) == 'operation create*, status 4xx, query b=null, body {"a":1}'
    assert expecting.told(Expected()) == "any exchange"


@pytest.mark.parametrize(
    ("location", "path", "found"),
    [
        ("body", (), (True, {"a": [{"b/c": None}]})),
        ("body", ("a", "0", "b/c"), (True, None)),
        ("body", ("a", "1"), (False, None)),
        ("body", ("a", "0", "b/c", "d"), (False, None)),
        ("query", ("x",), (True, "1")),
        ("query", ("y",), (True, ["2", "3"])),
        ("query", ("z",), (False, None)),
        ("header", ("x",), (False, None)),
    ],
)
def test_a_pointer_leads_to_what_was_sent(
    location: str, path: tuple[str, ...], found: tuple[bool, Any]
) -> None:
    made = exchange({"a": [{"b/c": None}]}, query="x=1&y=2&y=3")
    assert at_pointer(made, location, path) == found
