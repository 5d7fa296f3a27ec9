"""Reads a request to the control plane as its contract wants it, or says what is wrong with it.

Every refusal is a `Declined`: a status, one line, and the violations with their pointers.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl, quote

import jsonschema_rs
from starlette.requests import ClientDisconnect, Request

from contracts import Contract, Operation, Parameter
from simulator.core import jsontext

BODY_LIMIT_BYTES = 1024 * 1024
"""The largest body of a request to the control plane."""

_NOTHING: Any = object()
_SHOWN = 100
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_JSON = re.compile(r"application/json\s*(;.*)?", re.IGNORECASE)


class Violation(NamedTuple):
    """One thing that is wrong: where, by JSON pointer or name, and what."""

    location: str
    pointer: str
    message: str


class Declined(Exception):
    """A request that the control plane does not fulfil."""

    def __init__(
        self, status: int, message: str, *violations: Violation, headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.violations = violations
        self.headers = headers


class Asked(NamedTuple):
    """A request that passed its contract; `query` with defaults, `body` an empty object if none.

    The names of `headers` are looked up in any case. `origin` is the scheme and host it came to.
    """

    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: dict[str, Any]
    headers: Mapping[str, str] = {}
    origin: str = ""


class Reader:
    """Reads the requests of one operation; its validators are compiled at first use."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._contract = contract
        self._operation = operation

    async def read(self, request: Request) -> Asked:
        """Path, query and body of a request; raises `Declined`."""
        path: dict[str, str] = request.path_params
        violations = self._path_violations(path)
        query, wrong = self._query(request.scope["query_string"])
        violations += wrong
        body = await self._body(request)
        if self._operation.body is None:
            if body not in (_NOTHING, {}):
                violations.append(Violation("body", "", f"{self._operation.id} takes no body"))
        else:
            given = {} if body is _NOTHING else body
            violations += self._violations(self._validators["body"], given, "body", "")
        if violations:
            first = violations[0]
            place = f"{first.location}{first.pointer}"
            raise Declined(400, f"{place}: {first.message}", *violations)
        origin = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
        return Asked(path, query, {} if body is _NOTHING else body, request.headers, origin)

    def _path_violations(self, path: Mapping[str, str]) -> list[Violation]:
        return [
            violation
            for name, value in path.items()
            if f"path:{name}" in self._validators
            for violation in self._violations(
                self._validators[f"path:{name}"], value, "path", f"/{name}"
            )
        ]

    def _query(self, query_string: bytes) -> tuple[dict[str, Any], list[Violation]]:
        declared = {item.name: item for item in self._operation.parameters}
        declared = {name: item for name, item in declared.items() if item.location == "query"}
        values = {name: item.default for name, item in declared.items()}
        violations: list[Violation] = []
        seen: set[str] = set()
        pairs = parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True)
        for name, text in pairs:
            at = pointer_to([name])
            if name not in declared:
                known = ", ".join(declared) or "none"
                violations.append(Violation("query", at, f"no such parameter; there are: {known}"))
            elif name in seen:
                violations.append(Violation("query", at, "given twice"))
            else:
                value = values[name] = _converted(text, declared[name])
                checks = self._validators[f"query:{name}"]
                violations += self._violations(checks, value, "query", at)
            seen.add(name)
        return values, violations

    async def _body(self, request: Request) -> Any:
        raw = await _bounded(request)
        if not raw:
            return _NOTHING
        kind = request.headers.get("content-type", "")
        if not _JSON.fullmatch(kind):
            raise Declined(
                415, f"a body is sent with Content-Type: application/json, not {kind[:100]!r}"
            )
        try:
            return _whole(jsontext.loads(raw, deepest=64))
        except jsontext.NotJson as error:
            told = Violation("body", "", f"no JSON: {error}")
            raise Declined(400, f"body: no JSON: {error}", told) from None

    @cached_property
    def _validators(self) -> dict[str, Any]:
        pointers = {
            f"{item.location}:{item.name}": item.pointer for item in self._operation.parameters
        }
        if self._operation.body is not None:
            pointers["body"] = self._operation.body.pointer
        registry = jsonschema_rs.Registry([("urn:oas", self._contract.document)])
        return {
            name: jsonschema_rs.Draft202012Validator(
                {"$ref": "urn:oas#" + quote(pointer, safe="/~")}, registry=registry
            )
            for name, pointer in pointers.items()
        }

    def _violations(self, validator: Any, value: Any, location: str, base: str) -> list[Violation]:
        try:
            return [
                Violation(location, base + pointer, message)
                for error in validator.iter_errors(value)
                for pointer, message in self._told(error)
            ]
        except ValueError:  # a lone surrogate
            return [Violation(location, base, "holds text that is no Unicode")]

    def _told(self, error: Any) -> list[tuple[str, str]]:
        """The pointers and messages of one violation: an unknown member is told by its name."""
        path = list(error.instance_path)
        keyword = error.kind.name
        if keyword == "additionalProperties":
            unknown = error.kind.unexpected
            return [(pointer_to([*path, name]), f"unknown field {name!r}") for name in unknown]
        if keyword == "required":
            return [(pointer_to([*path, error.kind.property]), "is required")]
        wanted = ""
        if keyword == "enum":
            wanted = one_of([str(option) for option in error.kind.options], error.instance)
        elif keyword == "oneOf":
            wanted = _forms(self._schema_at(error.schema_path[:-1])["oneOf"])
        if not wanted:
            told = ""
            if keyword == "pattern":
                told = self._schema_at(error.schema_path[:-1]).get("description", "")
            return [(pointer_to(path), f"{error.message} ({told})" if told else error.message)]
        given = jsontext.dumps(error.instance).decode()
        shown = given if len(given) <= _SHOWN else given[:_SHOWN] + "…"
        return [(pointer_to(path), f"found {shown}, expected {wanted}")]

    def _schema_at(self, path: list[str | int]) -> Mapping[str, Any]:
        found: Any = self._contract.document
        for part in path:
            found = found[part]
        return cast(Mapping[str, Any], found)


def one_of(known: Sequence[str], given: Any) -> str:
    """What there is to choose from, with the nearest to what was given."""
    close = difflib.get_close_matches(given, known, n=1) if isinstance(given, str) else []
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f"one of {', '.join(known)}{hint}"


def _forms(branches: Sequence[Mapping[str, Any]]) -> str:
    """What each branch says that it takes; empty if one says nothing."""
    told = [str(branch.get("description", "")) for branch in branches]
    return ", or ".join(told) if all(told) else ""


def pointer_to(path: list[Any]) -> str:
    """A path into a JSON value as a JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _whole(value: Any) -> Any:
    """The same value with numbers such as 60.0 as the integers that JSON Schema takes them for."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return value


def _converted(text: str, parameter: Parameter) -> Any:
    if parameter.schema.get("type") == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    return text


async def _bounded(request: Request) -> bytes:
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= BODY_LIMIT_BYTES:
                chunks.append(chunk)
    except ClientDisconnect:
        raise Declined(400, "the client left before the end of the body") from None
    if size > BODY_LIMIT_BYTES:
        raise Declined(413, f"a body has at most {BODY_LIMIT_BYTES} bytes")
    return b"".join(chunks)
