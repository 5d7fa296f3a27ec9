"""What can be wrong with any operation: who is let in, what an error shows, odd methods."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import orjson

from conformance.drivers.credentials import BEARER_REFUSED, IN_QUERY, REFUSED, needs_credential
from conformance.drivers.methods import UNKNOWN_ID
from conformance.profile import Profile
from conformance.reading import Reading
from conformance.rules.validation import is_closed
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Fault, Memory, Reply, refusal
from contracts import Contract, Operation

_TRACE: Final = (
    b'Traceback (most recent call last):\n  File "/srv/app/handlers.py", line 42, in handle\n'
    b"KeyError: 'prompt'"
)
_LEAKS: Final = {
    "traceback": _TRACE,
    "javascript-stack": b"TypeError: no x\n    at handle (/usr/src/app/routes/video.js:17:9)",
    "path": b"cannot open '/var/lib/provider/jobs/17.json'",
    "sql": b'syntax error at or near "WHERE": SELECT id, key FROM accounts WHERE key = $1',
}
_HTML: Final = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"


def faults(contract: Contract, operation: Operation, profile: Profile) -> Iterator[Fault]:
    """Yield the faults of one operation."""
    yield from _credentials(contract, operation, profile)
    yield from _replies(operation)
    yield from _bodies(operation)
    yield from _methods(contract, operation)


def _fault(operation: Operation, name: str, sentence: str, change: Change) -> Fault:
    return Fault(f"{operation.id}.{name}", operation.id, sentence, change, "operation")


def _credentials(contract: Contract, operation: Operation, profile: Profile) -> Iterator[Fault]:
    if not needs_credential(operation):
        return
    let_in = c.as_success(operation.id)
    is_it = _is(operation)
    open_to_all = _refused_with(is_it, lambda r: not r.credentials)
    yield _fault(operation, "credential.none", "needs no credential",
                 c.answered(open_to_all, let_in))  # fmt: skip
    schemes = [names[0] for names in operation.security]
    declared = contract.document["components"]["securitySchemes"]
    for scheme in schemes:
        labels = REFUSED if declared[scheme]["type"] == "apiKey" else (*REFUSED, *BEARER_REFUSED)
        for label in labels:
            when = _refused_with(is_it, _presents(scheme, label))
            yield _fault(operation, f"credential.{scheme}.{label}",
                         f"takes a key that is {label} in {scheme}",
                         c.answered(when, let_in))  # fmt: skip
        alone = c.both(is_it, _presents(scheme, "first"), lambda r: len(r.credentials) == 1)
        yield _fault(operation, f"credential.{scheme}.ignored", f"does not know {scheme}",
                     c.answered(alone, lambda r, m: refusal(401, "Unauthorized")))  # fmt: skip
    second = c.both(is_it, lambda r: [each.label for each in r.credentials] == ["second"])
    yield _fault(operation, "credential.second", "knows no second account",
                 c.answered(second, lambda r, m: refusal(401, "Unauthorized")))  # fmt: skip
    in_url = _refused_with(is_it, lambda r: IN_QUERY[0] in r.query and not r.credentials)
    yield _fault(operation, "credential.in-query", "takes a key from the URL",
                 c.answered(in_url, let_in))  # fmt: skip
    if len(schemes) > 1 and profile.exclusive:
        when = _refused_with(is_it, lambda r: len(r.credentials) > 1)
        yield _fault(operation, "credential.both", "takes two credentials at once",
                     c.answered(when, let_in))  # fmt: skip


def _is(operation: Operation) -> c.When:
    return lambda r: r.operation is not None and r.operation.id == operation.id


def _refused_with(is_it: c.When, presents: c.When) -> c.When:
    return lambda r: is_it(r) and not r.is_success and presents(r)


def _presents(scheme: str, label: str) -> c.When:
    def run(reading: Reading) -> bool:
        given = reading.credentials
        if len(given) != 1 or given[0].scheme != scheme:
            return False
        if label in ("basic", "bare", "empty"):
            value = (_presented(reading) or "").lower()
            words = {"basic": value.startswith(("basic", "<basic")), "empty": not value,
                     "bare": value in ("<first>", "<bare>")}  # fmt: skip
            return given[0].label in ("", "malformed") and words[label]
        return given[0].label == label

    return run


def _presented(reading: Reading) -> str | None:
    """Return the credential that a request shows, without the word Bearer."""
    found = reading.exchange.request_header("authorization")
    if found is None:
        return next(
            (v for n, v in reading.exchange.request_headers if n.lower() == "x-api-key"), None
        )
    return re.sub(r"(?i)^bearer\b *", "", found)


def _replies(operation: Operation) -> Iterator[Fault]:
    fine, wrong = c.success(operation.id), c.refused(operation.id)
    yield _fault(operation, "refuses-valid", "refuses what is valid",
                 c.answered(c.both(fine, lambda r: r.is_valid),
                            lambda r, m: refusal(400)))  # fmt: skip
    if not is_closed(operation) and (operation.body is not None or operation.method == "GET"):
        yield _fault(operation, "refuses-unknown", "refuses a field it does not know",
                     c.answered(c.both(fine, _has_unknown), lambda r, m: refusal(400)))  # fmt: skip
    yield _fault(operation, "html", "answers with a gateway's HTML page",
                 c.change(fine, c.body(_HTML, "text/html")))  # fmt: skip
    yield _fault(operation, "fails", "fails where it must succeed",
                 c.answered(fine, lambda r, m: refusal(_undeclared(operation))))  # fmt: skip
    yield _fault(operation, "leak.debug", "shows a traceback in its successes",
                 c.put(fine, "debug", _TRACE.decode()))  # fmt: skip
    yield _fault(operation, "error-beside", "has an error beside its answer",
                 c.put(fine, "error", "quota exceeded"))  # fmt: skip
    yield _fault(operation, "crash", "crashes where it must refuse",
                 c.answered(wrong, lambda r, m: refusal(_undeclared(operation))))  # fmt: skip
    for name, text in _LEAKS.items():
        shown = orjson.dumps({"error": text.decode(), "message": text.decode()})
        yield _fault(operation, f"leak.{name}", f"shows a {name} in its errors",
                     c.change(wrong, c.body(shown)))  # fmt: skip

    def is_json(reading: Reading) -> bool:
        return (
            _is(operation)(reading) and reading.is_json_reply and bool(reading.exchange.reply_body)
        )

    for name, do in _BROKEN_JSON.items():
        yield _fault(operation, f"json.{name}", f"answers JSON that is {name}",
                     c.change(is_json, c.rewritten(do)))  # fmt: skip


_BROKEN_JSON: Final[dict[str, Callable[[bytes], bytes]]] = {
    "truncated": lambda body: body[: len(body) // 2],
    "twice": lambda body: body + body,
    "doubled": lambda body: re.sub(rb'^\{\s*("[^"]*":)', rb"{\1null,\1", body, count=1),
    "nan": lambda body: re.sub(rb":\s*(\"[^\"]*\"|[\d.]+|null|true|false)", b":NaN", body, count=1),
    "latin-1": lambda body: body[:-1] + b',"x":"\xe9"}' if body.endswith(b"}") else body + b"\xe9",
}


def _has_unknown(reading: Reading) -> bool:
    return "x_unknown_field" in reading.body or "x_unknown_field" in reading.query


def _undeclared(operation: Operation) -> int:
    return next(status for status in (500, 502, 504, 507) if str(status) not in operation.replies)


def _bodies(operation: Operation) -> Iterator[Fault]:
    if operation.body is None:
        return
    is_it = _is(operation)

    def no_json(reading: Reading) -> bool:
        return is_it(reading) and bool(reading.exchange.request_body and reading.request.fault)

    def no_object(reading: Reading) -> bool:
        value = reading.request.value
        return is_it(reading) and not reading.request.fault and not isinstance(value, dict)

    taken = c.both(no_json, lambda r: r.status in (400, 422))
    yield _fault(operation, "malformed.taken", "takes a body that is no JSON",
                 c.answered(taken, c.as_success(operation.id)))  # fmt: skip
    crash = refusal(_undeclared(operation), "Internal Server Error")
    for name, when in {"no-json": no_json, "no-object": no_object, "odd": _odd(operation)}.items():
        yield _fault(operation, f"malformed.{name}", f"crashes on a body that is {name}",
                     c.answered(when, lambda r, m: crash))  # fmt: skip


def _odd(operation: Operation) -> c.When:
    """Touch bodies that are deep, hold a lone surrogate, or a member twice."""
    marks = (b"x-deep", b"x-text", b"x-twice")
    is_it = _is(operation)
    return lambda r: is_it(r) and any(mark in r.exchange.request_body[:9999] for mark in marks)


def _methods(contract: Contract, operation: Operation) -> Iterator[Fault]:
    first = next(each for each in contract.operations if each.path == operation.path)
    if first is not operation:
        return
    at = re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(operation.path)))

    def here(*methods: str) -> c.When:
        return lambda r: r.exchange.method in methods and at.fullmatch(r.path) is not None

    fine = Reply(200, (("content-type", "application/json"),), b"{}")
    odd = c.both(here("GET", "POST", "PUT", "PATCH", "DELETE"), lambda r: r.status == 405)
    yield _fault(operation, "method.any", "answers any method", c.answered(odd, _always(fine)))
    yield _fault(operation, "method.404", "answers 404 to other methods",
                 c.change(odd, c.status(404)))  # fmt: skip
    yield _fault(operation, "options.closed", "wants a key for OPTIONS",
                 c.answered(here("OPTIONS"), _always(refusal(401))))  # fmt: skip
    yield _fault(operation, "options.crash", "crashes on OPTIONS",
                 c.answered(here("OPTIONS"), _always(refusal(500))))  # fmt: skip
    if operation.method == "GET":
        yield _fault(operation, "head.crash", "crashes on HEAD",
                     c.answered(here("HEAD"), _always(Reply(500))))  # fmt: skip
        if "{" in operation.path:
            unknown = c.both(_is(operation), lambda r: UNKNOWN_ID in r.path)
            yield _fault(operation, "unknown-id", "has something for any id",
                         c.answered(unknown, c.as_success(operation.id)))  # fmt: skip


def _always(reply: Reply) -> Callable[[Reading, Memory], Reply]:
    return lambda reading, memory: reply
