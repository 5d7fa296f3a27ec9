"""Faults that any provider may have: of the whole server, of media, and for generated requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Fault, Reply, refusal

_HTML: Final = b"<!DOCTYPE html><title>Oops</title><h1>Something went wrong</h1>"


def whole_server(unknown_path: str) -> Iterator[Fault]:
    """Yield faults that are in no single operation."""
    lost: c.When = lambda r: r.path == unknown_path  # noqa: E731
    yield Fault(
        "paths.home-page",
        "",
        "answers unknown paths with its home page",
        c.answered(lost, lambda r, m: Reply(200, (("content-type", "text/html"),), _HTML)),
    )
    yield Fault(
        "paths.crash", "", "crashes on unknown paths", c.answered(lost, lambda r, m: refusal(500))
    )
    yield Fault(
        "methods.crash",
        "",
        "crashes on a method that a path does not have",
        c.answered(lambda r: r.status == 405, lambda r, m: refusal(500)),
    )
    yield Fault(
        "errors.html",
        "",
        "answers every error with an HTML page",
        c.change(_error, c.body(_HTML, "text/html")),
    )
    yield Fault(
        "errors.empty", "", "answers every error without a body", c.change(_error, c.body(b""))
    )
    yield Fault(
        "errors.wordless", "", "says nothing in its errors", c.change(_error, c.body(b"{}"))
    )
    yield Fault(
        "errors.success", "", "answers errors with status 200", c.change(_error, c.status(200))
    )


def _error(reading: Reading) -> bool:
    return reading.operation is not None and 400 <= reading.status < 500


def scripts(*operations: str) -> Iterator[Fault]:
    """Yield one fault for each operation whose journey carries a text beyond ASCII."""
    for operation in operations:
        beyond = c.both(c.success(operation), lambda r: not r.exchange.request_body.isascii())
        yield Fault(
            f"{operation}.hand.ascii-only",
            operation,
            "crashes on a text beyond ASCII",
            c.answered(beyond, lambda r, m: refusal(500)),
        )


def media() -> Iterator[Fault]:
    """Yield faults of media files, beside those of the journeys."""
    films = c.both(c.media("GET"), lambda r: len(r.exchange.reply_body) > 64)
    yield Fault(
        "media.stub",
        "",
        "gives a film's first bytes only",
        c.change(films, c.rewritten(lambda body: body[:12])),
    )
    yield Fault(
        "media.cut",
        "",
        "gives the first third of a film",
        c.change(films, c.rewritten(lambda body: body[: len(body) // 3])),
    )
    yield Fault(
        "media.octets",
        "",
        "says application/octet-stream of its media",
        c.change(films, c.header("content-type", "application/octet-stream")),
    )
    yield Fault(
        "media.json",
        "",
        "answers media with a JSON that has the URL again",
        c.answered(films, lambda r, m: refusal(200, r.path)),
    )


@dataclass(frozen=True, slots=True)
class Generated:
    """Where generated requests are judged: an operation that takes parameters and bills nothing.

    `closed` is one that needs a key, empty where the check of credentials is not made; `limited`
    says that a limit's reply declares headers.
    """

    provider: str
    operation: str
    closed: str = ""
    limited: bool = False


def generated(at: Generated) -> Iterator[Fault]:
    """Yield one fault for each check of the generator."""
    fine, wrong = c.success(at.operation), c.refused(at.operation, 400, 422)
    changes: dict[str, tuple[str, Change]] = {
        "not-a-server-error": ("crashes on valid requests", c.change(fine, c.status(500))),
        "status-code-conformance": ("answers 418", c.change(fine, c.status(418))),
        "content-type-conformance": (
            "says text/csv", c.change(fine, c.header("content-type", "text/csv"))),
        "response-schema-conformance": (
            "answers with a number", c.change(fine, c.body(b"17"))),
        "negative-data-rejection": (
            "takes what is invalid", c.answered(wrong, c.as_success(at.operation))),
        "positive-data-acceptance": (
            "refuses what is valid", c.answered(fine, lambda r, m: refusal(400))),
    }  # fmt: skip
    for rule, (sentence, change) in changes.items():
        yield _of_check(at.provider, rule, at.operation, sentence, change)
    if at.limited:
        soon = c.answered(fine, lambda r, m: refusal(429).header("retry-after", "soon"))
        said = "says soon in Retry-After"
        yield _of_check(at.provider, "response-headers-conformance", at.operation, said, soon)
    if at.closed:
        open_to_all = c.answered(c.refused(at.closed, 401, 403), c.as_success(at.closed))
        yield _of_check(at.provider, "ignored-auth", at.closed, "wants no key", open_to_all)


def _of_check(provider: str, rule: str, operation: str, sentence: str, change: Change) -> Fault:
    name = f"generated.{rule}"
    return Fault(name, operation, sentence, change, generated=f"{provider}.{name}")


def number_as_text(value: Any) -> Any:
    """Return a number as a text with a sign of money before it."""
    return f"${value}"


def doubled_member(body: bytes) -> bytes:
    """Return a JSON object's text with its first member given twice."""
    return re.sub(rb'^\{\s*("[^"]*":)', rb"{\1null,\1", body, count=1)
