"""The transport that every request of the suite passes, a generator's too: it keeps money safe.

It refuses what the tier or the budget does not allow, strips credentials that would leave the
target's origin, bounds bodies and time, and writes every exchange into the log.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from conformance import jsontext
from conformance.budget import Budget
from conformance.exchange import CREDENTIAL_HEADERS, Exchange
from conformance.judge import Judge
from conformance.log import ExchangeLog
from conformance.model import Tier
from conformance.profile import Creation, Profile
from conformance.reading import Reading
from conformance.target import HEALTH_PATH, Target
from conformance.wire import Wire

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ONCE_MORE: Final = frozenset({307, 308})
TAGS: Final = "understudy.tags"
KEPT: Final = "understudy.kept"
_BURNT: Final = "the target accepted a body that it had to refuse; this operation is left alone"


class Refused(httpx.TransportError):
    """The guard did not send a request; the message says why."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What a driver says of a request: see the fields of `Exchange` by the same names."""

    driver: str = ""
    probe: str = ""
    subject: str = ""
    series: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the run allows. `is_understudy` lifts the rule on deleting foreign ids in tier fuzz."""

    tier: Tier
    is_understudy: bool = False
    reply_seconds: float = 30.0


class Guard(httpx.BaseTransport):
    """Judges each request before it goes out, and records what came back."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        target: Target,
        log: ExchangeLog,
        judges: tuple[Judge, ...],
        profile: Profile,
        budget: Budget,
        policy: Policy,
    ) -> None:
        self._wire = Wire(inner, policy.reply_seconds)
        self._target = target
        self._log = log
        self._judges = judges
        self._profile = profile
        self.budget = budget
        self.policy = policy
        self.refusals: Counter[str] = Counter()
        self.created: set[str] = set()
        self.starved: set[str] = set()
        self.burnt: set[str] = set()
        self._gates: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the transport below."""
        self._wire.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request if it may go out; raises Refused if not, TransportError on the wire."""
        body = request.read()
        tags: Tags = request.extensions.get(TAGS, Tags())
        self._strip_credentials(request)
        draft = _draft(request, body, tags)
        reading = Reading(draft, self._judges)
        creation = self._creation(reading)
        why_not = self._why_not(request, reading, creation)
        jobs, price = 0, None
        if creation is not None and not why_not:
            jobs, price = _worst(creation, reading)
            why_not = self._why_over_budget(reading, jobs, price)
        if why_not:
            self._refuse(reading, why_not)
        with self._one_at_a_time(creation):
            if creation is not None and self._is_burnt(creation, reading):
                self.budget.settle(jobs if self._was_reserved(reading) else 0, 0, price)
                self._refuse(reading, _BURNT)
            exchange, response = self._wire.exchange(request, draft)
            kept = self._log_and_settle(exchange, reading, creation, jobs, price)
        request.extensions.setdefault(KEPT, []).append(kept)
        if response is None:
            raise httpx.ReadError(exchange.failure, request=request)
        return response

    def _creation(self, reading: Reading) -> Creation | None:
        operation = reading.operation
        if operation is None or operation.method in SAFE:
            return None
        if operation.method == "DELETE" or operation.id in self._profile.harmless:
            return None
        return self._profile.creation(operation.id) or Creation(operation.id)

    def _why_not(self, request: httpx.Request, reading: Reading, creation: Creation | None) -> str:
        """Return why the tier does not allow a request, or an empty text."""
        tier = self.policy.tier
        if not self._is_ours(request):
            if request.method in ("GET", "HEAD") or _is_upload(reading):
                return ""
            return "it would write outside the target's origin"
        if request.method in SAFE:
            return ""
        if reading.operation is None:
            if tier is Tier.FUZZ and (self.policy.is_understudy or request.method == "OPTIONS"):
                return ""
            return "" if _is_upload(reading) else f"{request.method} here is not declared"
        if request.method == "DELETE":
            return self._why_not_delete(reading)
        if creation is None:
            return ""
        if tier is Tier.FREE:
            return "it could start a job"
        if reading.exchange.driver in ("lifecycle", "modes") and tier >= Tier.PAID:
            return ""
        if tier is Tier.FUZZ:
            return ""
        if not reading.is_invalid:
            return "only bodies that must be refused are sent in this tier"
        return _BURNT if self._is_burnt(creation, reading) else ""

    def _is_burnt(self, creation: Creation, reading: Reading) -> bool:
        """Whether a target that bills took a wrong body here before; it would take more of them."""
        if self.policy.is_understudy or self.policy.tier is Tier.FUZZ or not reading.is_invalid:
            return False
        return creation.operation in self.burnt

    @contextmanager
    def _one_at_a_time(self, creation: Creation | None) -> Iterator[None]:
        """Let one request per billing operation out at a time: the first can be the last."""
        if creation is None or self.policy.is_understudy or self.policy.tier is Tier.FUZZ:
            yield
            return
        with self._lock:
            lock = self._gates.setdefault(creation.operation, threading.Lock())
        with lock:
            yield

    def _why_not_delete(self, reading: Reading) -> str:
        if self.policy.tier is Tier.FUZZ and self.policy.is_understudy:
            return ""
        named = set(reading.path_values.values())
        if self.policy.tier >= Tier.PAID and named and named <= self.created:
            return ""
        return "only what this run created is deleted"

    def _why_over_budget(self, reading: Reading, jobs: int, price: float | None) -> str:
        policy = self.policy
        refusable = reading.is_invalid and policy.tier <= Tier.PAID
        if refusable and jobs > 1 and (self.budget.max_jobs or 0) < jobs:
            return f"a target that wrongly accepts it would start {jobs} jobs"
        if refusable and self.budget.max_jobs is None and self.budget.max_cost is None:
            return ""
        return self.budget.reserve(jobs, price)

    def _refuse(self, reading: Reading, why_not: str) -> None:
        with self._lock:
            self.refusals[why_not] += 1
            if reading.operation is not None and reading.exchange.driver == "lifecycle":
                self.starved.add(reading.operation.id)
        raise Refused(why_not)

    def _log_and_settle(
        self,
        exchange: Exchange,
        reading: Reading,
        creation: Creation | None,
        jobs: int,
        price: float | None,
    ) -> Exchange:
        kept = self._log.append(exchange)
        if creation is None:
            if 200 <= exchange.status < 300 and reading.exchange.method == "POST":
                self._remember(_ids_in(jsontext.read(kept.reply_body).value))
            return kept
        answer = jsontext.read(exchange.reply_body).value
        spent = started(creation, exchange, answer, jobs)
        if kept.status >= 300 and not Reading(kept, self._judges).is_authorized:
            # Without a key that the target knows there is no account to bill.
            spent = 0
        reserved = jobs if self._was_reserved(reading) else 0
        self.budget.settle(reserved, spent, price)
        with self._lock:
            if spent and reading.is_invalid:
                self.burnt.add(creation.operation)
        self._remember(_ids_in(answer) if spent else ())
        return kept

    def _was_reserved(self, reading: Reading) -> bool:
        limits = (self.budget.max_jobs, self.budget.max_cost)
        return not (reading.is_invalid and self.policy.tier <= Tier.PAID and limits == (None, None))

    def _remember(self, ids: tuple[str, ...]) -> None:
        with self._lock:
            self.created.update(ids)

    def _is_ours(self, request: httpx.Request) -> bool:
        return (request.url.scheme, request.url.netloc.decode()) == self._target.origin

    def _strip_credentials(self, request: httpx.Request) -> None:
        if self._is_ours(request):
            return
        for name in CREDENTIAL_HEADERS & {key.lower() for key in request.headers}:
            del request.headers[name]


def started(creation: Creation, exchange: Exchange, answer: object, worst: int) -> int:
    """Return how many jobs an answer says were started; without an answer, the worst case.

    A refusal (4xx) starts none. A success starts as many as it names, one at least. A redirect may
    lead to what was made, unless it asks for the same once more (307, 308).
    """
    if 200 <= exchange.status < 300:
        return max(len(creation.ids(answer)), 1)
    if 400 <= exchange.status < 500 or exchange.status in _ONCE_MORE:
        return 0
    return worst


def _worst(creation: Creation, reading: Reading) -> tuple[int, float | None]:
    """Return the worst number of jobs and the price of one."""
    body = reading.request.value
    return max(creation.jobs(body), 1), creation.price(body)


def _ids_in(answer: object) -> tuple[str, ...]:
    """Return every text an answer gives under a name that ends in `id` or `ids`."""
    found: list[str] = []
    queue = [answer]
    while queue:
        value = queue.pop()
        if isinstance(value, list):
            queue += value
        elif isinstance(value, dict):
            for key, held in value.items():
                if key.lower().endswith(("id", "ids")):
                    found += [each for each in _listed(held) if isinstance(each, str)]
                if isinstance(held, dict | list):
                    queue.append(held)
    return tuple(found)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is_upload(reading: Reading) -> bool:
    """Whether this is a presigned upload, right or wrong, which a reply of the target asked for."""
    return reading.exchange.step.partition("-")[0] == "upload"


def _draft(request: httpx.Request, body: bytes, tags: Tags) -> Exchange:
    headers = tuple(
        (key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers.raw
    )
    return Exchange(
        0,
        request.method,
        str(request.url),
        headers,
        body,
        0,
        (),
        b"",
        0.0,
        0.0,
        "",
        tags.driver,
        tags.probe,
        tags.subject,
        tags.series,
        tags.step,
    )


def is_health(url: str) -> bool:
    """Whether a URL is the health page, which no rule judges."""
    return url.endswith(HEALTH_PATH)
