"""The journal as a HAR document: its form, and what becomes of bodies."""

import base64
import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.control import har
from simulator.core.heads import packed
from simulator.core.journal import Exchange, Journal

# HAR 1.2 as http://www.softwareishard.com/blog/har-12-spec/ has it: what must be there, and types.
_TEXT = {"type": "string"}
_SIZE = {"type": "integer", "minimum": -1}
_TIME = {"type": "number", "minimum": 0}
_PAIRS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": _TEXT, "value": _TEXT},
    },
}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """A closed object; names that begin with an underscore are anybody's."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {}), "comment": _TEXT},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


_REQUEST = _object(
    {
        "method": _TEXT,
        "url": {"type": "string", "format": "uri"},
        "httpVersion": _TEXT,
        "cookies": _PAIRS,
        "headers": _PAIRS,
        "queryString": _PAIRS,
        "headersSize": _SIZE,
        "bodySize": _SIZE,
    },
    {"postData": _object({"mimeType": _TEXT, "params": _PAIRS, "text": _TEXT})},
)
_RESPONSE = _object(
    {
        "status": {"type": "integer"},
        "statusText": _TEXT,
        "httpVersion": _TEXT,
        "cookies": _PAIRS,
        "headers": _PAIRS,
        "content": _object(
            {"size": _SIZE, "mimeType": _TEXT}, {"text": _TEXT, "encoding": {"const": "base64"}}
        ),
        "redirectURL": _TEXT,
        "headersSize": _SIZE,
        "bodySize": _SIZE,
    }
)
_ENTRY = _object(
    {
        "startedDateTime": {"type": "string", "format": "date-time"},
        "time": _TIME,
        "request": _REQUEST,
        "response": _RESPONSE,
        "cache": {"type": "object"},
        "timings": _object({"send": _TIME, "wait": _TIME, "receive": _TIME}),
    }
)
_LOG = _object(
    {
        "version": {"const": "1.2"},
        "creator": _object({"name": _TEXT, "version": _TEXT}),
        "entries": {"type": "array", "items": _ENTRY},
    }
)
HAR = jsonschema_rs.Draft202012Validator(_object({"log": _LOG}), validate_formats=True)


def exchange(**given_fields: Any) -> Exchange:
    fields: dict[str, Any] = {
        "id": "default.1",
        "tenant": "default",
        "started_at_ms": 1_750_000_000_123,
        "method": "POST",
        "path": "/toy/makes",
        "query": "",
        "request_headers": ((b"host", b"toy.test"), (b"content-type", b"application/json")),
        "status": 202,
        "duration_us": 1500,
        **given_fields,
    }
    for side in ("request", "reply"):
        fields.setdefault(f"{side}_size", len(fields.get(f"{side}_body", b"")))
        fields[f"{side}_head"] = packed(fields.pop(f"{side}_headers", ()))
    return Exchange(**fields)


def entry(**given_fields: Any) -> dict[str, Any]:
    document = har.archive([exchange(**given_fields)], "1")
    HAR.validate(document)
    found: dict[str, Any] = document["log"]["entries"][0]
    return found


def test_an_exchange_is_an_entry() -> None:
    found = entry(
        query="name=a%20b&empty=",
        request_body=b'{"prompt":"a cat"}',
        reply_headers=((b"content-type", b"application/json"),),
        reply_body=b'{"id":"make_1"}',
        provider="toy",
        operation="createMake",
        account_id="ada",
    )
    assert found["startedDateTime"] == "2025-06-15T15:06:40.123Z"
    assert (found["time"], found["timings"]["wait"]) == (1.5, 1.5)
    assert found["request"]["url"] == "http://toy.test/toy/makes?name=a%20b&empty="
    assert found["request"]["queryString"] == [
        {"name": "name", "value": "a b"},
        {"name": "empty", "value": ""},
    ]
    assert found["request"]["postData"]["text"] == '{"prompt":"a cat"}'
    assert found["request"]["postData"]["mimeType"] == "application/json"
    assert (found["response"]["status"], found["response"]["statusText"]) == (202, "Accepted")
    assert found["response"]["content"]["text"] == '{"id":"make_1"}'
    assert (found["_provider"], found["_operation"]) == ("toy", "createMake")


def test_a_request_without_a_body_posts_nothing() -> None:
    found = entry(method="GET")
    assert "postData" not in found["request"]
    assert found["request"]["bodySize"] == 0


def test_a_redirect_says_where_to() -> None:
    assert entry(status=308, reply_headers=((b"location", b"/toy"),))["response"][
        "redirectURL"
    ] == ("/toy")


def test_bytes_that_are_no_text_are_kept_in_base64() -> None:
    found = entry(request_body=b"\xff\x00", reply_body=b"\x00\xff")
    content = found["response"]["content"]
    assert (base64.b64decode(content["text"]), content["encoding"]) == (b"\x00\xff", "base64")
    posted = found["request"]["postData"]
    assert (base64.b64decode(posted["text"]), posted["_encoding"]) == (b"\xff\x00", "base64")


def test_a_body_that_was_cut_says_so_and_ends_with_a_whole_character() -> None:
    whole = "ä" * 40_000
    kept = exchange(reply_body=whole.encode()[1:], reply_size=79_999)
    kept.reply_body = b"x" + kept.reply_body[1:]
    journal = Journal()
    journal.record(kept)
    document = har.archive(journal, "1")
    HAR.validate(document)
    content = document["log"]["entries"][0]["response"]["content"]
    assert content["text"] == "x" + "ä" * 32_767
    assert (content["size"], content["comment"]) == (79_999, "the first 65536 of 79999 bytes")


def test_the_archive_keeps_the_order_of_the_journal() -> None:
    document = har.archive([exchange(id="default.1"), exchange(id="default.2")], "1.2.3")
    assert [item["_exchange"] for item in document["log"]["entries"]] == ["default.1", "default.2"]
    assert document["log"]["creator"] == {"name": "understudy", "version": "1.2.3"}


@given(
    path=st.text(st.characters(exclude_categories=["Cs"])),
    query=st.text(st.characters(max_codepoint=255)),
    header=st.binary(),
    body=st.binary(),
    status=st.integers(100, 999),
)
def test_any_exchange_makes_a_valid_archive(
    path: str, query: str, header: bytes, body: bytes, status: int
) -> None:
    document = har.archive(
        [
            exchange(
                path="/" + path,
                query=query,
                request_headers=((b"x-any", header),),
                request_body=body,
                reply_body=body[::-1],
                status=status,
            )
        ],
        "1",
    )
    json.loads(json.dumps(document, allow_nan=False))
    found = [error.message for error in HAR.iter_errors(document) if error.kind.name != "format"]
    assert found == []


@pytest.mark.parametrize("missing", ["cache", "request", "timings"])
def test_the_check_itself_finds_what_is_missing(missing: str) -> None:
    document = har.archive([exchange()], "1")
    del document["log"]["entries"][0][missing]
    assert not HAR.is_valid(document)
