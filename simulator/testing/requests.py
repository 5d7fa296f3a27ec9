"""What an application asked of a world, and assertions about it that show what came near."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.remote import ControlPlane

_ANY: Any = object()


@dataclass(frozen=True, slots=True)
class Request:
    """One request and its reply, as the journal keeps them: without credentials.

    `body` and `reply_body` are decoded if they are JSON, else text. `headers` by lower-case name.
    """

    id: str
    provider: str
    operation: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any
    status: int
    reply_headers: Mapping[str, str]
    reply_body: Any
    error: str
    scenario: str
    fault: str
    told: Mapping[str, Any] = field(repr=False, compare=False)


class Requests(Sequence[Request]):
    """The requests of a world, oldest first; read anew whenever they are looked at.

    Conditions: `operation` and `path` may be patterns (`create*`), `status` is a number, `4xx` or
    `>=400`, `body` a part of the body, `where` conditions on it by JSONPath such as
    `{"$.prompt": {"contains": "cat"}}`, `query` and `headers` texts by name (None: absent).
    """

    def __init__(self, control: ControlPlane, path: str, tenant: str) -> None:
        self._control = control
        self._path = path
        self._tenant = tenant

    def __call__(self, operation: str | None = None, **conditions: Any) -> list[Request]:
        """The requests that meet conditions: those of the journal (`status`, `text`, …)."""
        query = {**conditions, "tenant": self._tenant, "operation": operation}
        return [_request(item) for item in self._control.ask("GET", "/journal", **query)]

    def __iter__(self) -> Iterator[Request]:
        return iter(self())

    def __len__(self) -> int:
        return len(self())

    def __getitem__(self, index: Any) -> Any:
        """A request, or a slice of them, by place."""
        return self()[index]

    @property
    def last(self) -> Request:
        """The latest request; raises `LookupError` if there was none."""
        found = self(limit=1)
        if not found:
            raise LookupError("no request was made")
        return found[0]

    def clear(self) -> None:
        """Forget the requests so far."""
        self._control.ask("DELETE", "/journal", tenant=self._tenant)

    def assert_called(
        self,
        operation: str | None = None,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        body: Any = _ANY,
        **conditions: Any,
    ) -> None:
        """Fail unless requests were made: at least one, or as often as is said.

        Raises `AssertionError` with the nearest requests and the fields in which they differ.
        """
        __tracebackhide__ = True
        counts = {"exactly": times, "at_least": at_least, "at_most": at_most}
        count = {name: number for name, number in counts.items() if number is not None}
        asked: dict[str, Any] = {"expect": [_expected(operation, body, conditions)]}
        self._verify(asked | ({"count": count} if count else {}))

    def assert_not_called(
        self, operation: str | None = None, *, body: Any = _ANY, **conditions: Any
    ) -> None:
        """Fail if such a request was made."""
        __tracebackhide__ = True
        self.assert_called(operation, times=0, body=body, **conditions)

    def assert_in_order(self, *expected: str | Mapping[str, Any]) -> None:
        """Fail unless these were made one after the other; others may be between.

        Each is an operation, or conditions: `{"operation": "createVideo", "status": 429}`.
        """
        __tracebackhide__ = True
        listed = [{"operation": item} if isinstance(item, str) else item for item in expected]
        self._verify({"expect": listed, "in_order": True})

    def _verify(self, asked: Mapping[str, Any]) -> None:
        __tracebackhide__ = True
        verdict = self._control.ask("POST", f"{self._path}/verify", asked)
        if not verdict["verified"]:
            raise AssertionError("\n".join(_lines(verdict)))


def _expected(operation: str | None, body: Any, conditions: Mapping[str, Any]) -> dict[str, Any]:
    expected = {name: value for name, value in conditions.items() if value is not None}
    if operation is not None:
        expected["operation"] = operation
    if body is not _ANY:
        expected["body"] = body
    return expected


def _lines(verdict: Mapping[str, Any]) -> Iterator[str]:
    yield verdict["message"]
    for miss in verdict["near_misses"]:
        yield f"  near: {miss['method']} {miss['path']}, answered {miss['status']}"
        for item in miss["differences"]:
            got = json.dumps(item["got"], ensure_ascii=False) if "got" in item else "nothing"
            expected = json.dumps(item["expected"], ensure_ascii=False)
            yield f"    {item['where']}: expected {expected}, got {got}"


def _request(told: Mapping[str, Any]) -> Request:
    return Request(
        id=told["id"],
        provider=told["provider"] or "",
        operation=told["operation"] or "",
        method=told["method"],
        path=told["path"],
        query=told["query"],
        headers=dict(told["request"]["headers"]),
        body=_body(told["request"]),
        status=told["status"],
        reply_headers=dict(told["reply"]["headers"]),
        reply_body=_body(told["reply"]),
        error=told["error"] or "",
        scenario=told["scenario"] or "",
        fault=told["fault"] or "",
        told=told,
    )


def _body(message: Mapping[str, Any]) -> Any:
    """A body as JSON if it is some, else as text, or as bytes where it is no text."""
    text = message["body"]
    if message["encoding"] == "base64":
        return base64.b64decode(text)
    try:
        return json.loads(text)
    except ValueError:
        return text
