"""The log holds no secret, and survives the way through a HAR file."""

from __future__ import annotations

import json

import pytest

from conformance import har
from conformance.exchange import Exchange, Redactor, label_of
from conformance.log import ExchangeLog

KEY = "sk-0123456789abcdef"


def exchange(**changes: object) -> Exchange:
    given: dict[str, object] = {
        "index": 0, "method": "POST", "url": f"http://t/a?key={KEY}&x=1",
        "request_headers": (("X-Api-Key", KEY), ("content-type", "application/json")),
        "request_body": b'{"a": 1}', "status": 200,
        "reply_headers": (("content-type", "application/json"),),
        "reply_body": f'{{"echo": "{KEY}"}}'.encode(), "started_ms": 1_700_000_000_000.0,
        "elapsed_ms": 12.5, "driver": "positive", "probe": "positive.example",
    }  # fmt: skip
    return Exchange(**{**given, **changes})  # type: ignore[arg-type]  # one table of fields


def log() -> ExchangeLog:
    redactor = Redactor()
    redactor.learn(KEY, "first")
    return ExchangeLog(redactor)


def test_known_key_is_replaced_wherever_it_stands() -> None:
    found = log().append(exchange())
    assert KEY not in repr(found)
    assert found.request_header("x-api-key") == "<first>"
    assert found.reply_body == b'{"echo": "<first>"}'


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("Authorization", f"Bearer {KEY}", "first"),
        ("Authorization", "Bearer something-else", "some"),
        ("x-api-key", "unheard-of", "some"),
        ("Cookie", "session=abc", "some"),
    ],
)
def test_credential_is_named_not_kept(name: str, value: str, label: str) -> None:
    found = log().append(exchange(request_headers=((name, value),)))
    kept = found.request_header(name)
    assert kept is not None
    assert label_of(kept) == label
    assert "something" not in kept
    assert "session=" not in kept


def test_signing_parameters_lose_their_values() -> None:
    found = log().append(exchange(url="http://t/a?X-Amz-Signature=abc&token=def&page=2"))
    assert found.url == "http://t/a?X-Amz-Signature=<some>&token=<some>&page=2"


def test_har_keeps_bytes_and_tags() -> None:
    kept = log()
    kept.append(exchange(reply_body=b"\x00\xff", request_body="é".encode()))
    again = ExchangeLog()
    har.load(har.dump(kept, "1"), again)
    first = again[0]
    assert (first.reply_body, first.request_body) == (b"\x00\xff", "é".encode())
    assert (first.driver, first.probe, first.status) == ("positive", "positive.example", 200)
    assert first.request_header("x-api-key") == "<first>"


def test_har_of_others_is_redacted_at_entry() -> None:
    entry = {
        "startedDateTime": "2026-01-01T00:00:00Z", "time": 3,
        "request": {"method": "get", "url": "http://t/a",
                    "headers": [{"name": "Authorization", "value": "Bearer very-secret"}]},
        "response": {"status": 200, "headers": [], "content": {"text": "{}", "size": 2}},
    }  # fmt: skip
    kept = ExchangeLog()
    har.load(json.dumps({"log": {"entries": [entry]}}).encode(), kept)
    assert kept[0].request_header("authorization") == "Bearer <some>"
    assert kept[0].method == "GET"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"log": {}}', b'{"log": {"entries": [1]}}'])
def test_no_har_is_said(content: bytes) -> None:
    with pytest.raises(har.NoHar, match="not a HAR file"):
        har.load(content, ExchangeLog())
