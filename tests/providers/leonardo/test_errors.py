"""Refusals in Leonardo's words."""

from typing import Any

import pytest

from contracts import Operation, load
from simulator.core import errors, jsontext
from simulator.core.accounts import Account
from simulator.core.errors import REFUSALS, Invalid, Refusal, RuleBroken, Violation
from simulator.http.validation import OperationJudge, Schemas
from simulator.provider import Refused, Reply
from simulator.providers.leonardo.errors import RULES, refuse

CONTRACT = load("leonardo")
VIDEO = CONTRACT.operation("createImageToVideoGeneration")
START = {"prompt": "p", "imageId": "a", "imageType": "UPLOADED"}


def worded(
    error: Refusal, operation: Operation | None = VIDEO, switches: dict[str, str] | None = None
) -> Reply:
    account = Account("2c9f4b1e-7d3a-4e58-9b60-1f2a3c4d5e6f", "leonardo", "account 1", 0)
    path = "/api/rest/v1/generations-image-to-video"
    return refuse(Refused(error, operation, "documented", switches or {}, "POST", path, account))


def text_of(error: Refusal, switches: dict[str, str] | None = None) -> tuple[int, str, str]:
    reply = worded(error, switches=switches)
    return reply.status, reply.body["error"], reply.body["code"]


def invalid(operation_id: str, body: Any) -> Reply:
    """The reply to a body that breaks the contract of an operation."""
    operation = CONTRACT.operation(operation_id)
    judge = OperationJudge(Schemas(CONTRACT, {}), operation).body
    assert judge is not None
    violations = judge.violations(body, "body")
    assert violations
    return worded(Invalid(violations), operation)


@pytest.mark.parametrize("kind", REFUSALS.values(), ids=REFUSALS)
def test_every_refusal_has_words_and_a_declared_status(kind: type[Refusal]) -> None:
    reply = worded(kind())
    assert set(reply.body) == {"error", "path", "code"}
    assert all(isinstance(value, str) and value for value in reply.body.values())
    assert str(reply.status) in VIDEO.replies


@pytest.mark.parametrize(
    ("error", "status", "text", "code"),
    [
        (
            errors.Unauthenticated("unknown"),
            401,
            "Authentication hook unauthorized this request",
            "access-denied",
        ),
        (
            errors.Unauthenticated("missing"),
            401,
            "Authentication hook unauthorized this request",
            "access-denied",
        ),
        (
            errors.Unauthenticated("malformed"),
            500,
            "Invalid response from authorization hook",
            "unexpected",
        ),
        (
            errors.InsufficientCredits(2, 1),
            400,
            "not enough api tokens userId: 2c9f4b1e-7d3a-4e58-9b60-1f2a3c4d5e6f",
            "unexpected",
        ),
        (errors.ContentPolicy("nude"), 400, "content moderation filter: nude", "unexpected"),
        (errors.UnknownPath("/x"), 404, "Endpoint not found", "not-found"),
        (
            errors.MethodNotAllowed("GET", ("POST",)),
            405,
            "Allowed methods: POST",
            "method-not-allowed",
        ),
        (errors.ServerError(), 500, "Service Error", "unexpected"),
        (
            errors.ModelNotFound("x"),
            400,
            "x is not supported within the Production API. Please try again with a different "
            "model ID.",
            "unexpected",
        ),
    ],
)
def test_a_refusal_has_the_vendor_s_words(
    error: Refusal, status: int, text: str, code: str
) -> None:
    assert text_of(error) == (status, text, code)


def test_an_unknown_key_gets_exactly_ninety_one_bytes() -> None:
    assert len(jsontext.dumps(worded(errors.Unauthenticated("unknown")).body)) == 91


def test_switches_choose_where_sources_disagree() -> None:
    assert text_of(errors.ContentPolicy("nude"), {"moderation": "403"})[0] == 403
    assert text_of(errors.Unauthenticated("missing"), {"missing-key": "500"})[0] == 500
    assert text_of(errors.Unauthenticated("unknown"), {"missing-key": "500"})[0] == 401
    assert text_of(errors.Unauthenticated("malformed"), {"malformed-key": "401"})[0] == 401


def test_a_prompt_refused_without_a_word_gets_the_long_text_and_403() -> None:
    status, text, _ = text_of(errors.ContentPolicy())
    assert status == 403
    assert text.startswith("Your prompt appears to contain inappropriate content")


def test_a_throttled_client_is_told_how_long() -> None:
    reply = worded(errors.RateLimited("all", retry_after_ms=1001))
    assert reply.status == 429
    assert reply.headers == (("retry-after", "2"),)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_words_without_gaps(rule: str) -> None:
    text = worded(RuleBroken(rule, "/similarity", 3, (1, 2), {"model": "VEO3"})).body["error"]
    assert "{" not in text
    assert text


def test_an_unknown_rule_speaks_for_itself() -> None:
    assert worded(RuleBroken("odd_{rule}")).body["error"] == "odd {rule}"


@pytest.mark.parametrize(
    ("body", "text", "code"),
    [
        ({}, 'expecting a value for non-nullable variable: "prompt"', "validation-failed"),
        (
            {"prompt": "p"},
            'expecting a value for non-nullable variable: "imageId"',
            "validation-failed",
        ),
        ([], 'expecting a value for non-nullable variable: "prompt"', "validation-failed"),
        ({"Model": 1}, "Unexpected variable Model", "bad-request"),
        ({**START, "isPublic": 1, "odd": 1}, "Unexpected variable odd", "bad-request"),
        (
            {**START, "prompt": None},
            'null value found for non-nullable type: "String!"',
            "validation-failed",
        ),
        (
            {**START, "prompt": "x" * 1501},
            "Invalid prompt, maximum length of 1500 characters exceeded.",
            "unexpected",
        ),
        (
            {**START, "resolution": "720p"},
            "expected an enum value for type 'VideoGenerationResolution', but found a string",
            "validation-failed",
        ),
        (
            {**START, "imageType": "uploaded"},
            "expected one of the values ['GENERATED', 'UPLOADED'] for type 'ImageType', "
            "but found 'uploaded'",
            "validation-failed",
        ),
        (
            {**START, "seed": "1"},
            "expected a 32-bit integer for type 'Int', but found a string",
            "validation-failed",
        ),
        (
            {**START, "styleIds": "a"},
            "expected a list for type 'List', but found a string",
            "validation-failed",
        ),
        (
            {**START, "endFrameImage": {"id": "a"}},
            "missing required field 'type'",
            "validation-failed",
        ),
        (
            {**START, "endFrameImage": {"id": "a", "type": "UPLOADED", "odd": 1}},
            "field 'odd' not found in type",
            "validation-failed",
        ),
        (
            {**START, "duration": "x", "isPublic": "true"},
            "expected a boolean for type 'Boolean', but found a string",
            "validation-failed",
        ),
    ],
)
def test_a_body_that_breaks_the_contract_is_refused_in_the_gateway_s_words(
    body: Any, text: str, code: str
) -> None:
    reply = invalid("createImageToVideoGeneration", body)
    assert (reply.status, reply.body["error"], reply.body["code"]) == (400, text, code)


def test_the_path_names_the_place_under_the_operation_s_own_field() -> None:
    photo = invalid("createGeneration", {"prompt": "p", "photoReal": "true"})
    assert photo.body["path"] == "$.selectionSet.sdGenerationJob.args.arg1.photoReal"
    element = invalid("createTextToVideoGeneration", {"prompt": "p", "elements": [{"akUUID": 1}]})
    place = "$.selectionSet.motionVideoGenerationJob.args.arg1.elements[0].akUUID"
    assert element.body["path"] == place


@pytest.mark.parametrize(
    ("operation_id", "body", "text"),
    [
        ("uploadInitImage", {"extension": "gif"}, "invalid file extension"),
        ("uploadInitImage", {"extension": "photo.png"}, "invalid file extension"),
        ("createGeneration", {"prompt": "p", "width": 513}, "invalid dimensions"),
        ("createGeneration", {"prompt": "p", "height": 24}, "invalid dimensions"),
        ("createGeneration", {"prompt": "p", "num_images": 9}, "invalid num_images"),
        (
            "createSVDMotionGeneration",
            {"imageId": "a", "motionStrength": 2**31},
            "invalid motionStrength",
        ),
    ],
)
def test_a_value_out_of_bounds_is_refused(operation_id: str, body: Any, text: str) -> None:
    reply = invalid(operation_id, body)
    assert reply.body == {"error": text, "path": "$", "code": "unexpected"}


@pytest.mark.parametrize(
    ("violation", "text"),
    [
        (
            Violation("path", "/id", "pattern", "", "", "abc"),
            'invalid input syntax for type uuid: "abc"',
        ),
        (
            Violation("query", "/limit", "type", "", "integer", "x"),
            "expected a 32-bit integer for type 'Int', but found a string",
        ),
        (Violation("query", "/limit", "minimum", "", 0, -1), "unexpected negative value"),
        (
            Violation("query", "/limit", "maximum", "", 1, 2),
            "expected a 32-bit integer for type 'Int', but found a number",
        ),
    ],
)
def test_parameters_are_refused(violation: Violation, text: str) -> None:
    reply = worded(Invalid((violation,)), CONTRACT.operation("getGenerationsByUserId"))
    assert reply.status == 400
    assert reply.body["error"] == text
