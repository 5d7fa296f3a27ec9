"""The player of the examples notices what differs, and fills in what cases leave open."""

import json
from typing import Any

import pytest

from tests.exchanges.cases import all_cases, filled
from tests.exchanges.client import Answer
from tests.exchanges.promises import broken_promises
from tests.exchanges.stage import judged

JSON = {"content-type": "application/json"}
VIDEO = ("recoup", "documented", "POST", "/api/content/video")


def answer(status: int = 200, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    return Answer(status, JSON if headers is None else headers, content)


def test_an_answer_as_expected_is_no_fault() -> None:
    expected = {"status": 200, "body": {"a": 1}, "headers": {"Content-Type": {"$regex": "json$"}}}
    assert judged(expected, answer(body={"a": 1, "b": 2})) == []


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ({"status": 200}, answer(201)),
        ({"status": 200, "body": {"a": 1}}, answer(body={"a": 2})),
        ({"status": 200, "body": {"a": 1}}, answer()),
        ({"status": 200, "body_text": ""}, answer(body={})),
        ({"status": 200, "headers": {"X-A": "1"}}, answer()),
        ({"status": 200, "headers": {"X-A": "1"}}, answer(headers={"x-a": "2"})),
    ],
)
def test_an_answer_that_differs_is_a_fault(expected: dict[str, Any], given: Answer) -> None:
    assert judged(expected, given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(418, {}), "does not declare the status 418"),
        (answer(200, {}, {"content-type": "text/html"}), "does not declare 'text/html' for 200"),
        (answer(200, {"mode": "animate"}), '"videoUrl" is a required property'),
    ],
)
def test_an_answer_that_breaks_the_contract_is_noticed(given: Answer, words: str) -> None:
    (fault,) = broken_promises(*VIDEO, given)
    assert words in fault


def test_an_answer_that_keeps_the_contract_is_no_fault() -> None:
    body = {"videoUrl": "https://example.com/a.mp4", "mode": "animate"}
    assert broken_promises(*VIDEO, answer(200, body)) == []


def test_nothing_is_promised_outside_the_contract() -> None:
    assert broken_promises("recoup", "documented", "PUT", "/api/content/video", answer(405)) == []


def test_placeholders_are_filled_wherever_they_stand() -> None:
    case = {
        "path": "{{upload.url}}",
        "headers": {"authorization": "Bearer {{api_key}}"},
        "body": [{"a": "{{data_url:image/png:3}}"}, "{{text:x:4}}", 5],
    }
    assert filled(case, {"api_key": "k", "upload": {"url": "http://u/"}}) == {
        "path": "http://u/",
        "headers": {"authorization": "Bearer k"},
        "body": [{"a": "data:image/png;base64,AAAA"}, "xxxx", 5],
    }


def test_an_unknown_placeholder_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("{{nobody}}", {})


def test_a_case_has_one_body_at_most_and_a_source() -> None:
    for case in all_cases():
        assert len({"body", "raw_body", "form"} & case.data.keys()) <= 1, case.id
        assert case.data["source"], case.id
        assert set(case.data) <= {
            "name",
            "method",
            "path",
            "headers",
            "query",
            "body",
            "raw_body",
            "form",
            "given",
            "before",
            "expect",
            "source",
            "inferred",
        }, case.id
