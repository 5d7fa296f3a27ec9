"""Refusals in NanoGPT's words: every core refusal has some, in both documented forms."""

from typing import Any

import pytest

from simulator.core import errors
from simulator.core.errors import MISSING, REFUSALS, Violation
from simulator.provider import Refused, Reply
from simulator.providers.nanogpt.catalog import REQUESTS_PER_DAY, USD, USD_PER_DAY
from simulator.providers.nanogpt.errors import refuse
from tests.providers.nanogpt.stand import CONTRACT


def refusal(error: errors.Refusal, operation: str | None = "createVideo", **switches: str) -> Reply:
    declared = CONTRACT.operation(operation) if operation else None
    return refuse(Refused(error, declared, "documented", switches, "POST", "/api/x"))


def error_of(reply: Reply) -> dict[str, Any]:
    found: dict[str, Any] = reply.body["error"]
    return found


STATUSES = {
    "unauthenticated": 401,
    "forbidden": 403,
    "malformed_body": 400,
    "invalid": 400,
    "rule_broken": 400,
    "run_not_found": 404,
    "run_foreign": 403,
    "not_found": 404,
    "model_not_found": 400,
    "insufficient_credits": 402,
    "rate_limited": 429,
    "content_policy": 400,
    "upstream_failed": 500,
    "server_error": 500,
    "unavailable": 503,
    "too_large": 413,
    "input_unreachable": 400,
    "unknown_path": 404,
    "method_not_allowed": 405,
}


@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_has_a_status_and_a_message(name: str) -> None:
    reply = refusal(REFUSALS[name]())
    assert reply.status == STATUSES[name]
    assert error_of(reply)["message"]
    assert error_of(reply)["type"]


@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_has_the_simple_form(name: str) -> None:
    reply = refusal(REFUSALS[name](), **{"error-shape": "simple"})
    assert isinstance(reply.body["error"], str)
    assert reply.body["status"] == reply.status == STATUSES[name]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (errors.Unauthenticated("missing"), "authentication_error", "missing_api_key"),
        (errors.Unauthenticated("unknown"), "authentication_error", "invalid_api_key"),
        (errors.Unauthenticated("malformed"), "authentication_error", "invalid_api_key"),
        (
            errors.Forbidden("api_key_origin_not_allowed"),
            "permission_denied_error",
            "api_key_origin_not_allowed",
        ),
        (errors.MalformedBody("x"), "invalid_request_error", "invalid_json"),
        (errors.ModelNotFound("x"), "invalid_request_error", "model_not_found"),
        (errors.InsufficientCredits(1, 0), "INSUFFICIENT_BALANCE", None),
        (errors.RateLimited("submissions", 1, 50), "RATE_LIMITED", "rate_limit_exceeded"),
        (
            errors.RateLimited(REQUESTS_PER_DAY, 1, 9),
            "rate_limit_error",
            "daily_rpd_limit_exceeded",
        ),
        (errors.RateLimited(USD_PER_DAY, 1), "rate_limit_error", "daily_usd_limit_exceeded"),
        (errors.ContentPolicy(), "CONTENT_POLICY_VIOLATION", "content_policy_violation"),
        (errors.RuleBroken("pro_required", "/resolution", "1792x1024"), "PRO_REQUIRED", None),
    ],
)
def test_type_and_code_are_the_documented_ones(
    error: errors.Refusal, kind: str, code: str | None
) -> None:
    found = error_of(refusal(error))
    assert (found["type"], found.get("code")) == (kind, code)


@pytest.mark.parametrize("operation", ["recoverVideos", "checkBalance", None])
def test_upper_case_types_are_for_submissions_only(operation: str | None) -> None:
    for error in (errors.RateLimited("x", 1), errors.ContentPolicy()):
        assert error_of(refusal(error, operation))["type"].islower()


def test_a_catalogue_is_overloaded_in_its_own_form() -> None:
    reply = refusal(errors.RateLimited("requests", 400, 25), "listVideoModels")
    assert reply.body == {"code": "rate_limited", "message": "Rate limit exceeded"}
    assert ("retry-after", "1") in reply.headers


@pytest.mark.parametrize(("wait_ms", "seconds"), [(1, "1"), (1000, "1"), (1001, "2"), (0, "1")])
def test_retry_after_is_whole_seconds_rounded_up(wait_ms: int, seconds: str) -> None:
    assert refusal(errors.RateLimited("x", wait_ms)).headers == (("retry-after", seconds),)


def test_the_balance_that_would_do_is_named_in_both_forms() -> None:
    error = errors.InsufficientCredits(35 * USD // 100, 0)
    assert refusal(error).body["requiredBalance"] == 0.35
    assert refusal(error, **{"error-shape": "simple"}).body == {
        "error": "Insufficient balance",
        "requiredBalance": 0.35,
        "status": 402,
    }


def test_the_daily_request_cap_is_worded_as_printed() -> None:
    found = error_of(refusal(errors.RateLimited(REQUESTS_PER_DAY, 1, 1000)))
    message = "Daily request limit exceeded (1000/1000). Resets at midnight UTC."
    assert found["message"] == message


def test_money_that_was_taken_is_said_to_come_back() -> None:
    assert "refunded" in refusal(errors.UpstreamFailed()).body["refundMessage"]
    assert "refundMessage" not in refusal(errors.UpstreamFailed(), "getVideoStatus").body


VIOLATIONS = [
    (Violation("body", "/model", "required", "", None, MISSING), "model", "Missing required"),
    (Violation("query", "/limit", "maximum", "", 50, 51), "limit", "at most 50"),
    (Violation("query", "/limit", "minimum", "", 1, 0), "limit", "at least 1"),
    (Violation("body", "/model", "type", "", "string", 7), "model", "type string"),
    (Violation("body", "/seed", "type", "", ["number", "string"], []), "seed", "number or string"),
    (Violation("body", "/framework", "enum", "", ["a", "b"], "c"), "framework", "one of a, b"),
    (Violation("body", "/imageUrl", "pattern", "", "^x", "y"), "imageUrl", "https URL"),
    (Violation("body", "/videoUrl", "not", "", {}, "y"), "videoUrl", "not accepted here"),
    (Violation("body", "", "anyOf", "", [], {}), "runId", "Missing required"),
    (Violation("body", "/a/b~1c", "oneOf", "", [], {}), "a.b/c", "not accepted"),
]


@pytest.mark.parametrize(("violation", "param", "words"), VIOLATIONS)
def test_the_first_violation_is_worded(violation: Violation, param: str, words: str) -> None:
    later = Violation("body", "/zzz", "type", "", "string", 1)
    found = error_of(refusal(errors.Invalid((violation, later))))
    assert found["param"] == param
    assert words in found["message"]


def test_a_body_that_is_no_object_is_said_to_be_none() -> None:
    whole = Violation("body", "", "type", "", "object", [])
    found = error_of(refusal(errors.Invalid((whole,))))
    assert "JSON object" in found["message"]
    assert "param" not in found


RULES = [
    errors.RuleBroken("value_not_offered", "/resolution", "4k", ("720p", "1080p")),
    errors.RuleBroken("duration_not_offered", "/duration", "soon"),
    errors.RuleBroken("out_of_range", "/cfg_scale", 2, (0.0, 1.0)),
    errors.RuleBroken("missing_input", "/imageUrl", data={"model": "Kling", "noun": "image"}),
    errors.RuleBroken("missing_input", "/voice_id", data={"model": "Kling", "noun": "voice"}),
    errors.RuleBroken("media_not_taken", "/video", None, ("videoUrl",), {"model": "Veo"}),
    errors.RuleBroken("too_many_references", "/referenceImages", 9, data={"most": 7}),
    errors.RuleBroken(
        "source_length", "/videoUrl", 121.0, data={"longest_s": 120, "shortest_s": 0}
    ),
    errors.RuleBroken("source_length", "/video", 1.0, data={"longest_s": 10, "shortest_s": 2}),
    errors.RuleBroken("not_midjourney", "/runId"),
    errors.RuleBroken("not_completed", "/runId"),
    errors.RuleBroken("no_such_video", "/index"),
    errors.RuleBroken("model_not_found", "/model", "no-such-model"),
    errors.RuleBroken("missing_id", "/requestId"),
    errors.RuleBroken("not_the_model", "/model"),
]


@pytest.mark.parametrize("rule", RULES, ids=[rule.rule for rule in RULES])
def test_a_broken_rule_names_its_field(rule: errors.RuleBroken) -> None:
    reply = refusal(rule)
    assert reply.status == 400
    assert error_of(reply)["param"] == rule.pointer[1:]
    assert error_of(reply)["message"] != "The request is invalid."


def test_a_missing_image_is_worded_as_printed() -> None:
    data = {"model": "Kling 2.1 Standard", "noun": "image"}
    found = error_of(refusal(errors.RuleBroken("missing_input", "/imageUrl", data=data)))
    assert found["message"] == (
        "Kling 2.1 Standard requires an input image. Please select an image to generate a video."
    )


def test_what_a_client_sent_is_not_echoed_at_length() -> None:
    found = error_of(refusal(errors.ModelNotFound("x" * 10_000)))
    assert len(found["message"]) < 100
