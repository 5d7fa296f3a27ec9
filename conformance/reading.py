"""What an exchange says under the contract(s): operation, credential, faults of request and reply.

With two contracts (two dialects, neither excluded) a request is valid or invalid only if both say
so, and a reply is right if either does: where sources disagree, either side is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from conformance import jsontext
from conformance.exchange import Exchange, label_of
from conformance.judge import AMBIGUOUS, Judge, Violation
from conformance.model import Provenance
from contracts import Operation, ReplySpec

JSON_TYPES: Final = ("application/json", "+json")
_VALID_LABELS: Final = frozenset({"first", "second", "some"})


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential of a request: the scheme that its header belongs to, and the key's label.

    `worth` is what says that a key may be given by that scheme.
    """

    scheme: str
    label: str
    worth: Provenance = "documented"

    @property
    def is_valid(self) -> bool:
        """Whether the key is one that the target knows, as far as the log can tell."""
        return self.label in _VALID_LABELS


class Reading:
    """One exchange read under one or two contracts; everything is computed when asked for."""

    def __init__(self, exchange: Exchange, judges: tuple[Judge, ...]) -> None:
        self.exchange = exchange
        self._judges = judges
        parts = urlsplit(exchange.url)
        self.path = parts.path
        query: dict[str, str] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            query.setdefault(name, value)
        self.query = query
        matched = judges[0].match(exchange.method, self.path)
        self.operation: Operation | None = matched[0] if matched else None
        self.path_values = matched[1] if matched else {}

    @property
    def index(self) -> int:
        """The exchange's place in the log."""
        return self.exchange.index

    @property
    def status(self) -> int:
        """The reply's status, 0 without a whole reply."""
        return self.exchange.status

    @property
    def is_success(self) -> bool:
        """Whether the reply is a 2xx."""
        return 200 <= self.exchange.status < 300

    def is_over_before(self, other: Reading) -> bool:
        """Whether this exchange had ended before another began."""
        first, then = self.exchange, other.exchange
        return first.started_ms + first.elapsed_ms <= then.started_ms

    @cached_property
    def request(self) -> jsontext.Text:
        """The request body as JSON; no body has the fault `absent`."""
        if not self.exchange.request_body:
            return jsontext.Text(None, "absent")
        return jsontext.read(self.exchange.request_body)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The request body as an object, empty if it is none."""
        value = self.request.value
        return value if isinstance(value, dict) else {}

    @cached_property
    def reply(self) -> jsontext.Text:
        """The reply body as JSON; no body has the fault `absent`."""
        if not self.exchange.reply_body:
            return jsontext.Text(None, "absent")
        return jsontext.read(self.exchange.reply_body)

    @cached_property
    def answer(self) -> dict[str, Any]:
        """The reply body as an object, empty if it is none."""
        value = self.reply.value
        return value if isinstance(value, dict) else {}

    @property
    def content_type(self) -> str:
        """The reply's media type in lower case, without parameters; empty if it has none."""
        header = self.exchange.reply_header("content-type") or ""
        return header.split(";")[0].strip().lower()

    @property
    def is_json_reply(self) -> bool:
        """Whether the reply says that it is JSON."""
        return self.content_type.endswith(JSON_TYPES)

    @cached_property
    def credentials(self) -> tuple[Credential, ...]:
        """The credentials of the request by scheme; an empty header counts as one with no label."""
        document = self._judges[0].contract.document
        schemes = document.get("components", {}).get("securitySchemes", {})
        found = []
        for name, scheme in schemes.items():
            header = scheme.get("name", "") if scheme["type"] == "apiKey" else "Authorization"
            value = self.exchange.request_header(header)
            if value is not None:
                words = value.split(" ", 1)
                proper = scheme["type"] == "apiKey" or (
                    words[0].lower() == "bearer" and len(words) == 2
                )
                label = label_of(value) if proper else "malformed"
                worth = scheme.get("x-key-provenance", "documented")
                found.append(Credential(name, label, worth))
        return tuple(found)

    @property
    def is_authorized(self) -> bool:
        """Whether exactly one credential was sent, and it is a known key; open operations always.

        One that was refused counts as unknown to the target where keys are not known (in a replayed
        log), or where no document says that a key may be given this way.
        """
        operation = self.operation
        if operation is not None and (not operation.security or () in operation.security):
            return True
        given = self.credentials
        if len(given) != 1 or not given[0].is_valid:
            return False
        is_sure = given[0].label != "some" and given[0].worth == "documented"
        return is_sure or self.exchange.status != 401

    @cached_property
    def faults(self) -> tuple[tuple[Violation, ...], ...]:
        """How the request breaks the contract, for each contract; empty for unknown operations."""
        return tuple(self._faults(judge) for judge in self._judges)

    @property
    def is_valid(self) -> bool:
        """Whether every contract takes the request."""
        return self.operation is not None and not any(self.faults)

    @property
    def is_invalid(self) -> bool:
        """Whether every contract refuses the request, beyond doubt."""
        return bool(self.faults) and all(
            any(each.keyword != AMBIGUOUS for each in found)
            and not any(each.keyword == AMBIGUOUS for each in found)
            for found in self.faults
        )

    def sole_fault(self) -> Violation | None:
        """Return the one violation that every contract finds, None if there are others."""
        if not self.is_invalid:
            return None
        first = {(v.location, v.subject, v.keyword) for v in self.faults[0]}
        for found in self.faults[1:]:
            first &= {(v.location, v.subject, v.keyword) for v in found}
        if len(first) != 1 or any(len(found) != 1 for found in self.faults):
            return None
        return self.faults[0][0]

    def specs(self) -> tuple[ReplySpec, ...]:
        """Return what each contract declares for this reply's status; empty if none does."""
        found = []
        for judge in self._judges:
            operation = self._in(judge)
            spec = operation and judge.reply_spec(operation, self.exchange.status)
            if spec:
                found.append(spec)
        return tuple(found)

    @cached_property
    def reply_faults(self) -> tuple[Violation, ...]:
        """How the reply body breaks its schema: empty if one contract declares and takes it."""
        worst: tuple[Violation, ...] = ()
        for judge in self._judges:
            operation = self._in(judge)
            spec = operation and judge.reply_spec(operation, self.exchange.status)
            if not spec:
                continue
            media = next((m for t, m in spec.content.items() if t.endswith(JSON_TYPES)), None)
            if media is None or not media.schema:
                return ()
            found = judge.violations(self.reply.value, media.pointer, "reply")
            if not found:
                return ()
            worst = worst or found
        return worst

    def _in(self, judge: Judge) -> Operation | None:
        if self.operation is None:
            return None
        if judge is self._judges[0]:
            return self.operation
        matched = judge.match(self.exchange.method, self.path)
        return matched[0] if matched else None

    def _faults(self, judge: Judge) -> tuple[Violation, ...]:
        operation = self._in(judge)
        if operation is None:
            return ()
        query = self.query
        found = list(judge.parameter_violations(operation, query, self.path_values))
        if operation.body is None:
            return tuple(found)
        text = self.request
        value = text.value
        if text.is_doubtful:
            return (*found, Violation("body", "", AMBIGUOUS, text.fault))
        if text.fault == "absent" or (text.fault and value is None):
            if operation.malformed_body == "refuse" and text.fault != "absent":
                return (*found, Violation("body", "", "json", text.fault))
            if operation.malformed_body == "refuse" and operation.body.required:
                # Whether no body at all is malformed or an empty object, no source says.
                return (*found, Violation("body", "", AMBIGUOUS, text.fault))
            value = {}
        elif text.fault:
            found.append(Violation("body", "", AMBIGUOUS, text.fault))
        kind = (self.exchange.request_header("content-type") or "").split(";")[0].strip().lower()
        if not kind.endswith(JSON_TYPES):
            found.append(Violation("body", "", AMBIGUOUS, "the content type is not JSON"))
        if operation.query_in_body and query:
            found.append(Violation("query", "", AMBIGUOUS, "query fields are merged into the body"))
        found += judge.violations(value, operation.body.pointer, "body")
        return tuple(found)
