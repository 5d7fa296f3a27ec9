"""Schemathesis generates requests, and its checks judge them: the one place that knows its engine.

The engine (`schemathesis.engine.from_schema`) is not part of its documented interface, so the
dependency is pinned to 4.32. Every request passes the guard; every case carries exactly one
credential, and each security scheme gets its turn.
"""

from __future__ import annotations

import copy
import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx
import requests
import schemathesis
import urllib3
from requests.adapters import BaseAdapter
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.transport.requests import SameHostRedirectsSession

from conformance.checks import CHECKS, applicable
from conformance.guard import KEPT, TAGS, Refused, Tags
from conformance.log import Note
from conformance.reading import Reading

if TYPE_CHECKING:
    from schemathesis.engine.recorder import ScenarioRecorder

    from conformance.session import Session
    from conformance.setting import Setting

NAME: Final = "generator"
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_CASE_HEADER: Final = "x-schemathesis-testcaseid"
_NO_ERROR: Final = ("2xx", "3xx", "4xx")
_OTHER_SCHEMES_SHARE: Final = 4


def run(session: Session, setting: Setting) -> None:
    """Generate for every chosen operation: all phases with the first scheme, fewer with others."""
    schemes = _schemes(setting)
    for turn, scheme in enumerate(schemes):
        examples = (
            setting.max_examples if turn == 0 else setting.max_examples // _OTHER_SCHEMES_SHARE
        )
        if session.is_over():
            return
        if scheme and not session.target.keys.first:
            # Without a key every reply is a refusal, which says nothing of what was generated.
            continue
        _Turn(session, setting, scheme, max(examples, 1), full=turn == 0).go()


def _schemes(setting: Setting) -> list[str]:
    found: dict[str, None] = {}
    for operation in setting.chosen():
        for names in operation.security:
            found.update(dict.fromkeys(names))
    return list(found) or [""]


class _Turn:
    """One pass of the engine with one security scheme."""

    def __init__(
        self, session: Session, setting: Setting, scheme: str, examples: int, *, full: bool
    ) -> None:
        self._session = session
        self._setting = setting
        self._scheme = scheme
        self._examples = examples
        self._full = full
        self._cases: dict[str, int] = {}
        self._ids = {f"{op.method} {op.path}": op.id for op in setting.contract.operations}

    def go(self) -> None:
        schema = schemathesis.openapi.from_dict(self._document(), config=self._config())
        self._base = self._setting.contract.base_path
        with _sessions_through(_Adapter(self._session, self._cases)):
            stream = from_schema(schema).execute()
            for event in stream:
                if isinstance(event, events.ScenarioFinished):
                    self._keep(event.recorder)
                if isinstance(event, events.Interrupted):
                    raise KeyboardInterrupt
                if self._session.is_over():
                    stream.stop()

    def _keep(self, recorder: ScenarioRecorder) -> None:
        """Turn the checks of a scenario into notes on the exchanges they looked at."""
        for case_id, checks in recorder.checks.items():
            exchange = self._cases.get(case_id)
            if exchange is None:
                continue
            operation = recorder.cases[case_id].value.operation
            identity = self._ids.get(
                f"{operation.method.upper()} {self._base}{operation.path}", operation.label
            )
            for check in checks:
                if check.name not in CHECKS:
                    continue
                failure = check.failure_info.failure if check.failure_info else None
                text = f"{failure.title}: {failure.message}" if failure else ""
                failed = check.status is Status.FAILURE
                held = not failed or not self._agrees(check.name, exchange)
                words = " ".join(text.split())[:500]
                self._session.log.note(Note(check.name, identity, held, exchange, words))

    def _agrees(self, check: str, exchange: int) -> bool:
        """Whether the suite's own judge reads a refused or accepted request as the generator does.

        A failure of these checks counts only if both readers say so: the contract's extensions
        (malformed bodies, coercion) are unknown to the generator.
        """
        reading = Reading(self._session.log[exchange], self._session.judges)
        if check == "negative_data_rejection":
            return reading.is_invalid
        if check == "positive_data_acceptance":
            return reading.is_valid
        if len(self._session.judges) == 1:
            return True
        # The generator knows one dialect; what another declares is right as well.
        specs = reading.specs()
        if check == "status_code_conformance":
            return not specs
        if check == "content_type_conformance":
            kinds = {kind for spec in specs for kind in spec.content}
            return all(spec.content for spec in specs) and reading.content_type not in kinds
        return check != "response_schema_conformance" or bool(reading.reply_faults)

    def _document(self) -> dict[str, Any]:
        """Return the contract with the chosen operations only, and one security scheme."""
        document = copy.deepcopy(self._setting.contract.document)
        chosen = {operation.id for operation in self._setting.chosen()}
        for item in document["paths"].values():
            for method in [each for each in _METHODS if each in item]:
                operation = item[method]
                if operation["operationId"] not in chosen:
                    del item[method]
                    continue
                _one_scheme(operation, self._scheme)
                for reply in operation["responses"].values():
                    _drop_dead_links(reply, chosen)
        paths = document["paths"]
        document["paths"] = {p: i for p, i in paths.items() if any(m in i for m in _METHODS)}
        return document

    def _config(self) -> SchemathesisConfig:
        target, contract = self._session.target, self._setting.contract
        checks: dict[str, Any] = {"enabled": False}
        profile = self._setting.profile
        checks |= {name: {"enabled": True} for name in applicable(contract, profile)}
        given: dict[str, Any] = {
            "base-url": target.base_url + contract.base_path,
            "headers": self._headers(),
            "checks": checks,
            "seed": self._setting.seed,
            # More threads make CPython 3.11 fail now and then when Hypothesis compiles code.
            "workers": 1,
            "continue-on-failure": True,
            "request-timeout": self._session.guard.policy.reply_seconds,
            "generation": {
                "max-examples": self._examples,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {
                "coverage": {"enabled": self._full},
                "stateful": {
                    "enabled": self._full,
                    "max-steps": 3,
                    "inference": {"algorithms": []},
                    "generation": {"max-examples": max(self._examples // 2, 1)},
                },
            },
            "operations": list(self._operations()),
            "suppress-health-check": ["all"],
        }
        if self._setting.max_seconds is not None:
            given["max-time"] = max(int(self._session.seconds_left()), 1)
        return SchemathesisConfig.from_dict(given)

    def _operations(self) -> Iterator[dict[str, Any]]:
        """Yield what is particular to operations: refusals of valid data that a rule explains."""
        for operation in self._setting.chosen():
            statuses = self._setting.profile.refuses_valid.get(operation.id, ())
            if statuses:
                expected = ["2xx", *(str(status) for status in statuses)]
                errors = [*(str(status) for status in statuses if status >= 500)]
                checks = {"positive_data_acceptance": {"expected-statuses": expected}}
                if errors:
                    checks["not_a_server_error"] = {"expected-statuses": [*_NO_ERROR, *errors]}
                yield {"include-operation-id": operation.id, "checks": checks}

    def _headers(self) -> Mapping[str, str]:
        from conformance.probe import Probe

        if not self._scheme:
            return {}
        probe = Probe("GET", "/", NAME, NAME, credentials=((self._scheme, "first"),))
        return dict(self._session.headers(probe))


def _one_scheme(operation: dict[str, Any], scheme: str) -> None:
    given = operation.get("security")
    if given is None:
        return
    fitting = [each for each in given if scheme in each]
    is_open = any(not each for each in given)
    operation["security"] = [] if is_open else (fitting or given[:1])


def _drop_dead_links(reply: dict[str, Any], chosen: set[str]) -> None:
    links = reply.get("links", {})
    for name in [n for n, link in links.items() if link.get("operationId") not in chosen]:
        del links[name]


@contextmanager
def _sessions_through(adapter: BaseAdapter) -> Iterator[None]:
    """Make every session of the generator send through an adapter while the block runs.

    Some checks open sessions of their own, so the class is changed and not an instance.
    """

    def get_adapter(self: SameHostRedirectsSession, url: str) -> BaseAdapter:
        return adapter

    original = SameHostRedirectsSession.get_adapter
    SameHostRedirectsSession.get_adapter = get_adapter  # type: ignore[method-assign,assignment]  # on purpose
    try:
        yield
    finally:
        SameHostRedirectsSession.get_adapter = original  # type: ignore[method-assign]  # as it was


class _Adapter(BaseAdapter):
    """Carries a request of `requests` through the suite's guard, and the reply back."""

    def __init__(self, session: Session, cases: dict[str, int]) -> None:
        super().__init__()
        self._session = session
        self._cases = cases

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Send one generated request."""
        if self._session.is_over():
            raise requests.exceptions.ConnectionError("the run is over", request=request)
        began = time.perf_counter()
        try:
            sent = self._translated(request)
            reply = self._session.guard.handle_request(sent)
            session = self._session
            kept = sent.extensions[KEPT]
            if kept and session.patience.waits(kept[0], session.is_over):
                session.log.set_aside(kept[0].index)
                sent = self._translated(request)
                reply = session.guard.handle_request(sent)
        except Refused:
            # The engine would take an error for an outage and wait. What it makes of this reply is
            # not counted: checks become notes only where there is an exchange.
            reply = httpx.Response(403)
        except httpx.TransportError as error:
            self._session.count_failure(sent.extensions[KEPT])
            raise requests.exceptions.ConnectionError(str(error), request=request) from error
        case_id = request.headers.get(_CASE_HEADER)
        for exchange in sent.extensions[KEPT]:
            if case_id:
                self._cases[str(case_id)] = exchange.index
        self._session.tick(NAME)
        return _answer(request, reply, time.perf_counter() - began)

    def close(self) -> None:
        """Keep the guard: it belongs to the session."""

    def _translated(self, request: requests.PreparedRequest) -> httpx.Request:
        body = request.body
        content = body.encode() if isinstance(body, str) else body
        headers = [
            (name, value if isinstance(value, bytes) else str(value).encode("latin-1", "replace"))
            for name, value in request.headers.items()
            if name.lower() not in ("content-length", "transfer-encoding")
        ]
        sent = httpx.Request(
            str(request.method),
            str(request.url),
            headers=[(name.encode("latin-1", "replace"), value) for name, value in headers],
            content=content if isinstance(content, bytes) else None,
        )
        seconds = self._session.guard.policy.reply_seconds
        sent.extensions["timeout"] = httpx.Timeout(seconds, connect=5.0).as_dict()
        sent.extensions[TAGS] = Tags(driver=NAME, probe=NAME)
        sent.extensions[KEPT] = []
        return sent


def _answer(
    request: requests.PreparedRequest, reply: httpx.Response, seconds: float
) -> requests.Response:
    headers = urllib3.HTTPHeaderDict()
    for name, value in reply.headers.multi_items():
        headers.add(name, value)
    raw = urllib3.HTTPResponse(
        body=io.BytesIO(reply.content),
        headers=headers,
        status=reply.status_code,
        version=11,
        preload_content=False,
        request_method=request.method,
    )
    found = requests.Response()
    found.status_code = reply.status_code
    found.headers = requests.structures.CaseInsensitiveDict(headers)
    found.raw = raw
    found.url = str(request.url)
    found.reason = reply.reason_phrase
    found.request = request
    found.encoding = requests.utils.get_encoding_from_headers(found.headers)
    found.elapsed = timedelta(seconds=seconds)
    return found
