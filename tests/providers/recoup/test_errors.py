"""Refusals in Recoup's words: every violation keyword, every credential, both dialects."""

from typing import Any, get_args

import pytest

import contracts
from contracts import Dialect
from simulator.core.errors import (
    MISSING,
    REFUSALS,
    ContentPolicy,
    InsufficientCredits,
    Invalid,
    RateLimited,
    Refusal,
    RunForeign,
    RunNotFound,
    ServerError,
    Unauthenticated,
    UpstreamFailed,
    Violation,
)
from simulator.provider import Refused, Reply
from simulator.providers.recoup import errors

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)


def refused(
    error: Refusal, operation: str | None = "createVideo", dialect: Dialect = "documented"
) -> Reply:
    found = operation and contracts.load("recoup", dialect).operation(operation)
    return errors.refuse(Refused(error, found or None, dialect, {}, "POST", "/", None))


def body_violation(keyword: str, expected: Any, got: Any, pointer: str = "/x") -> Violation:
    return Violation("body", pointer, keyword, "", expected, got)


@pytest.mark.parametrize(
    ("expected", "got", "kinds"),
    [
        (["string"], 5, "expected string, received number"),
        ("string", None, "expected string, received null"),
        (["object"], [], "expected object, received array"),
        (["array"], {}, "expected array, received object"),
        (["boolean"], "a", "expected boolean, received string"),
        (["string"], True, "expected string, received boolean"),
        (["integer"], 1.5, "expected int, received number"),
        (["integer"], "2", "expected number, received string"),
        (["number"], "2", "expected number, received string"),
    ],
)
def test_a_wrong_type_names_both_kinds(expected: Any, got: Any, kinds: str) -> None:
    violation = body_violation("type", expected, got)
    assert errors.violation_words(violation) == f"Invalid input: {kinds}"


@pytest.mark.parametrize(
    ("keyword", "expected", "got", "words"),
    [
        ("enum", ["a", "b"], 1, 'Invalid option: expected one of "a"|"b"'),
        ("format", "uri", "x", "Invalid URL"),
        ("pattern", "^x$", "y", "Invalid URL"),
        ("minimum", 1, 0, "Too small: expected number to be >=1"),
        ("exclusiveMinimum", 0, 0, "Too small: expected number to be >0"),
        ("maximum", 30, 31, "Too big: expected number to be <=30"),
        ("exclusiveMaximum", 3, 3, "Too big: expected number to be <3"),
        ("maximum", 2**53 - 1, 2**60, "Too big: expected int to be <=9007199254740991"),
        ("minLength", 1, "", "Too small: expected string to have >=1 characters"),
        ("maxLength", 2, "abc", "Too big: expected string to have <=2 characters"),
        ("minItems", 1, [], "Too small: expected array to have >=1 items"),
        ("maxItems", 1, [1, 2], "Too big: expected array to have <=1 items"),
        ("required", None, MISSING, "Invalid input: expected string, received undefined"),
        ("discriminator", [], "z", "Invalid input"),
        ("uniqueItems", True, [1, 1], "Invalid input"),
    ],
)
def test_a_violation_is_told_in_the_validators_words(
    keyword: str, expected: Any, got: Any, words: str
) -> None:
    assert errors.violation_words(body_violation(keyword, expected, got)) == words


@pytest.mark.parametrize(
    ("kind", "got", "words"),
    [
        ("integer", "abc", "Invalid input: expected number, received NaN"),
        ("integer", 1.5, "Invalid input: expected int, received number"),
        ("boolean", "1", 'Invalid option: expected one of "true"|"false"'),
    ],
)
def test_query_text_that_cannot_be_read_is_told_as_its_coercion(
    kind: str, got: Any, words: str
) -> None:
    assert errors.violation_words(Violation("query", "/n", "type", "", [kind], got)) == words


def test_a_missing_enumerated_field_lists_its_options() -> None:
    error = Invalid((body_violation("required", None, MISSING, "/type"),))
    reply = refused(error, "upscaleMedia")
    assert reply.body["error"] == 'Invalid option: expected one of "image"|"video"'
    assert reply.body["field"] == ["type"]


def test_a_wrong_type_of_an_enumerated_field_is_a_wrong_option() -> None:
    error = Invalid(
        (
            body_violation("type", ["string"], 8, "/duration"),
            body_violation("enum", ["4s", "8s"], 8, "/duration"),
        )
    )
    assert refused(error).body["error"] == 'Invalid option: expected one of "4s"|"8s"'


def test_only_the_first_violation_is_told() -> None:
    error = Invalid(
        (
            body_violation("enum", ["a"], 1, "/mode"),
            body_violation("format", "uri", "z", "/image_url"),
        )
    )
    assert refused(error).body["field"] == ["mode"]


def test_the_rule_of_the_whole_body_comes_last() -> None:
    whole = body_violation("anyOf", [], {}, "")
    url = body_violation("format", "uri", "z", "/video_url")
    assert refused(Invalid((whole, url)), "editContent").body["field"] == ["video_url"]
    alone = refused(Invalid((whole,)), "editContent").body
    assert alone["field"] == []
    assert alone["error"] == "Must provide either template or operations"


def test_indexes_stand_in_the_field_as_numbers() -> None:
    error = Invalid((body_violation("required", None, MISSING, "/operations/0/duration"),))
    body = refused(error, "editContent").body
    assert body["field"] == ["operations", 0, "duration"]
    assert body["error"] == "Invalid input: expected number, received undefined"


@pytest.mark.parametrize("keyword", ["enum", "discriminator", "required", "const"])
def test_the_type_of_an_edit_operation_is_just_invalid(keyword: str) -> None:
    error = Invalid((body_violation(keyword, ["trim"], "mux_audio", "/operations/0/type"),))
    assert refused(error, "editContent").body["error"] == "Invalid input"


def test_violations_of_a_query_name_no_field() -> None:
    error = Invalid((Violation("query", "/account_id", "pattern", "", "^x$", "x"),))
    body = refused(error, "listRuns").body
    assert body == {"status": "error", "error": "account_id must be a valid UUID"}


@pytest.mark.parametrize(
    ("reason", "words", "live_member"),
    [
        ("missing", errors.ONE_CREDENTIAL, "error"),
        ("conflict", errors.ONE_CREDENTIAL, "error"),
        ("unknown", "Unauthorized", "message"),
        ("revoked", "Unauthorized", "message"),
        ("scheme", "Authorization header with Bearer token required", "message"),
        ("malformed", "Failed to verify authentication token", "message"),
        ("unverifiable", "Failed to verify authentication token", "message"),
        ("anything else", "Unauthorized", "message"),
    ],
)
def test_a_refused_credential_is_told_where_the_dialect_has_it(
    reason: str, words: str, live_member: str
) -> None:
    live = refused(Unauthenticated(reason), dialect="live")
    documented = refused(Unauthenticated(reason))
    assert (live.status, live.body) == (401, {"status": "error", live_member: words})
    assert documented.body == {"status": "error", "error": words, live_member: words}


def test_artists_tell_in_message_as_documented_and_in_error_live() -> None:
    error = Invalid((Violation("query", "/org_id", "pattern", "", "", "x"),))
    words = "org_id must be a valid UUID"
    documented = refused(error, "listArtists").body
    assert documented == {"status": "error", "error": words, "message": words}
    assert refused(error, "listArtists", "live").body == {"status": "error", "error": words}


@pytest.mark.parametrize("error", [RunNotFound("run_x"), RunForeign("run_x")])
def test_an_unknown_run_is_404_as_documented_and_500_live(error: Refusal) -> None:
    documented, live = refused(error, "listRuns"), refused(error, "listRuns", "live")
    assert (documented.status, documented.body["error"]) == (404, "Task run not found")
    assert (live.status, live.body["error"]) == (500, "Not found")


@pytest.mark.parametrize(
    ("operation", "failed", "empty", "empty_live_status"),
    [
        ("createVideo", "boom", "Video generation returned no video", 502),
        ("createImage", "Image generation failed", "Image generation returned no image", 502),
        ("createCaption", "Text generation failed", "Text generation returned empty", 502),
        ("transcribeAudio", "Audio processing failed", "Audio processing failed", 500),
        ("upscaleMedia", "boom", "Upscale returned no result", 502),
        ("editContent", "Failed to trigger edit task", "Failed to trigger edit task", 500),
    ],
)
def test_a_failing_upstream_has_the_operations_words(
    operation: str, failed: str, empty: str, empty_live_status: int
) -> None:
    boom, nothing = UpstreamFailed("x", "boom"), UpstreamFailed("no_output")
    assert (refused(boom, operation).status, refused(boom, operation).body["error"]) == (
        500,
        failed,
    )
    assert (refused(nothing, operation).status, refused(nothing, operation).body["error"]) == (
        500,
        empty,
    )
    assert refused(nothing, operation, "live").status == empty_live_status


def test_a_message_that_speaks_of_no_video_is_502_live() -> None:
    reply = refused(UpstreamFailed("x", "there was no video"), dialect="live")
    assert (reply.status, reply.body["error"]) == (502, "there was no video")


def test_an_analysis_fails_with_the_upstreams_status() -> None:
    reply = refused(UpstreamFailed("x", "", {"status": 418}), "analyzeVideo")
    assert (reply.status, reply.body["error"]) == (502, "Video analysis failed: 418")
    assert refused(ContentPolicy(), "analyzeVideo").body["error"] == "Video analysis failed: 400"


def test_an_uncaught_error_has_no_body() -> None:
    assert refused(ServerError("uncaught"), "getTemplate", "live") == Reply(500)


def test_waiting_times_are_whole_seconds() -> None:
    assert refused(RateLimited("x", 1001)).headers == (("retry-after", "2"),)


def test_missing_credits_are_counted_in_cents() -> None:
    body = refused(InsufficientCredits(15_000_000, 29_999_999)).body
    assert (body["required_credits"], body["remaining_credits"]) == (2, 2)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", REFUSALS.values(), ids=lambda kind: kind.name)
def test_every_refusal_has_a_reply_in_and_outside_the_contract(
    kind: type[Refusal], dialect: Dialect
) -> None:
    operations = [operation.id for operation in contracts.load("recoup", dialect).operations]
    for operation in (None, *operations):
        reply = refused(kind(), operation, dialect)
        assert 400 <= reply.status < 600
        if dialect == "documented" and isinstance(reply.body, dict):
            assert isinstance(reply.body["error"], str)
