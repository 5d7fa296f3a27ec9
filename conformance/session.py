"""Sends probes through the guard: puts keys into them, runs them side by side, stops in time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode, urljoin

import httpx

from conformance.exchange import Exchange, Headers
from conformance.guard import KEPT, TAGS, Guard, Refused, Tags
from conformance.judge import Judge
from conformance.log import ExchangeLog
from conformance.patience import Patience
from conformance.probe import KEY, Probe
from conformance.profile import Profile
from conformance.reading import Reading
from conformance.target import Target
from contracts import Contract, Operation

_BROKEN_AFTER: Final = 5
_RETRIES: Final = 2
_NEAR_MISSES: Final = (
    "unknown", "truncated", "extended", "swapped-case", "bare", "basic",
)  # fmt: skip
_PER_REQUEST: Final = frozenset({"host", "content-length", "connection", "transfer-encoding"})
Ticker = Callable[[str], None]


class Session:
    """One run's connection to its target.

    `why_stopped` is set when the run has to end: the target stopped answering, time is up, or the
    person interrupted it; drivers send nothing more then. `substitutions` are values that the
    profile writes and the target has others for.
    """

    def __init__(
        self,
        target: Target,
        guard: Guard,
        log: ExchangeLog,
        judges: tuple[Judge, ...],
        profile: Profile,
        *,
        workers: int = 8,
        wait_seconds: float = 60.0,
        deadline: float | None = None,
        tick: Ticker = lambda driver: None,
    ) -> None:
        self.target = target
        self.guard = guard
        self.log = log
        self.judges = judges
        self.profile = profile
        self.workers = workers
        self.wait_seconds = wait_seconds
        self.why_stopped = ""
        self.substitutions: dict[str, str] = {}
        self._deadline = deadline
        self.tick = tick
        self.patience = Patience(wait_seconds, self.seconds_left)
        self._failures = 0
        self._lock = threading.Lock()
        seconds = guard.policy.reply_seconds
        self._client = httpx.Client(
            transport=guard,
            timeout=httpx.Timeout(seconds, connect=min(seconds, 5.0)),
            trust_env=False,
        )
        redactor = log.redactor
        redactor.learn(target.keys.first, "first")
        redactor.learn(target.keys.second, "second")

    @property
    def contract(self) -> Contract:
        """The contract that probes are derived from: the first."""
        return self.judges[0].contract

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def send(self, probe: Probe, *, seconds: float | None = None) -> Reading | None:
        """Send a probe; returns what came back, None if nothing was sent or nothing came.

        A 429 that says in Retry-After when to come back is waited for, twice at most.
        """
        reading = self._send(probe, seconds)
        for _ in range(_RETRIES):
            if reading is None or not self.patience.waits(reading.exchange, self.is_over):
                break
            self.log.set_aside(reading.index)
            reading = self._send(probe, seconds)
        return reading

    def _send(self, probe: Probe, seconds: float | None) -> Reading | None:
        if self.is_over() or not self._has_keys(probe):
            return None
        request = self._request(probe, seconds)
        kept: list[Exchange] = request.extensions[KEPT]
        try:
            self._client.send(request)
        except Refused:
            return None
        except (httpx.HTTPError, httpx.InvalidURL):
            # A file on somebody else's host says nothing about the target.
            if not probe.url or probe.url.startswith(f"{self.target.base_url}/"):
                self.count_failure(kept)
        else:
            self._failures = 0
        self.tick(probe.driver)
        return Reading(kept[0], self.judges) if kept else None

    def _has_keys(self, probe: Probe) -> bool:
        """Whether the keys that a probe names were given: without them its reply says nothing."""
        operation = self._operation(probe)
        if operation is not None and (not operation.security or () in operation.security):
            return True
        given = self._keys()
        if KEY in probe.query.values() and not given["first"]:
            return False
        return all(given.get(label, label) for _, label in probe.credentials)

    def _keys(self) -> dict[str, str]:
        return {"first": self.target.keys.first, "second": self.target.keys.second}

    def resend(self, exchange: Exchange) -> Reading | None:
        """Send a logged request again, keys in place of their labels; None if nothing came.

        One that had a key is not sent without one.
        """
        texts = [exchange.url, *(value for _, value in exchange.request_headers)]
        lost = [name for name, key in self._keys().items() if not key]
        if any(f"<{name}>" in text for name in lost for text in texts):
            return None
        url = urljoin(f"{self.target.base_url}/", exchange.url)
        for old, new in self._labels().items():
            url = url.replace(old, new)
        probe = Probe(
            exchange.method, "", exchange.driver or "again", exchange.probe, url=url,
            headers=tuple(self._resent(exchange.request_headers)), credentials=(),
            body=exchange.request_body or None, subject=exchange.subject, series=exchange.series,
            step=exchange.step,
        )  # fmt: skip
        return self.send(probe)

    def _labels(self) -> dict[str, str]:
        """Return the keys that the log's labels stand for."""
        keys = self.target.keys
        found = {}
        for label in ("first", "second", *_NEAR_MISSES):
            key = key_for(label, keys.first, keys.second)
            word = "Basic " if label == "basic" else ""
            self.log.redactor.learn(word + key, label)
            found[f"<{label}>"] = word + key
        return found

    def _resent(self, headers: Headers) -> Iterator[tuple[str, str]]:
        labels = self._labels()
        for name, value in headers:
            if name.lower() in _PER_REQUEST or name.lower().startswith("x-schemathesis"):
                continue
            for old, new in labels.items():
                value = value.replace(old, new)
            yield name, value

    def send_all(self, probes: Iterable[Probe]) -> list[Reading]:
        """Send probes side by side; returns the replies in the order of the probes."""
        with self.workers_pool() as pool:
            found = list(pool.map(self.send, probes))
        return [reading for reading in found if reading is not None]

    @contextmanager
    def workers_pool(self) -> Iterator[ThreadPoolExecutor]:
        """Give threads for requests side by side; an interrupt drops what has not been sent."""
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                yield pool
            except KeyboardInterrupt:
                self.why_stopped = "interrupted"
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def is_over(self) -> bool:
        """Whether the run has to end; sets `why_stopped` when time is up."""
        if not self.why_stopped and self._deadline and time.monotonic() > self._deadline:
            self.why_stopped = "--max-time is over"
        return bool(self.why_stopped)

    def seconds_left(self) -> float:
        """Return how long the run may still take, infinite without `--max-time`."""
        return self._deadline - time.monotonic() if self._deadline else math.inf

    def headers(self, probe: Probe) -> list[tuple[str, str]]:
        """Return a probe's headers with its credentials in them."""
        found = list(probe.headers)
        operation = self._operation(probe)
        for scheme, label in probe.credentials:
            name = scheme or first_scheme(self.contract, operation)
            if name:
                found.append(self._credential(name, label))
        if probe.body is not None and not any(n.lower() == "content-type" for n, _ in found):
            found.append(("content-type", "application/json"))
        return found

    def _operation(self, probe: Probe) -> Operation | None:
        if not probe.operation:
            return None
        try:
            return self.contract.operation(probe.operation)
        except KeyError:
            return None

    def _request(self, probe: Probe, seconds: float | None) -> httpx.Request:
        url = probe.url or self.target.base_url + probe.path
        if probe.query:
            query = {n: self.target.keys.first if v == KEY else v for n, v in probe.query.items()}
            url += ("&" if "?" in url else "?") + urlencode(query)
        body = probe.body
        for standing, real in self.substitutions.items():
            url = url.replace(standing, real)
            body = body and body.replace(standing.encode(), real.encode())
        request = self._client.build_request(
            probe.method, url, headers=self.headers(probe), content=body
        )
        if probe.body is None and probe.method in ("POST", "PUT", "PATCH"):
            request.headers.setdefault("content-length", "0")
        request.extensions[KEPT] = []
        request.extensions[TAGS] = Tags(
            probe.driver, probe.probe, probe.subject, probe.series, probe.step
        )
        if seconds is not None:
            request.extensions["timeout"] = httpx.Timeout(seconds, connect=5.0).as_dict()
        return request

    def _credential(self, scheme: str, label: str) -> tuple[str, str]:
        declared = self.contract.document["components"]["securitySchemes"][scheme]
        key = key_for(label, self.target.keys.first, self.target.keys.second)
        if label not in ("first", "second"):
            self.log.redactor.learn(key, label)
        if declared["type"] == "apiKey":
            return declared["name"], key
        word = {"bare": "", "basic": "Basic "}.get(label, "Bearer ")
        if word != "Bearer ":
            self.log.redactor.learn(word + key, label)
        # A header's value must not end in a blank: the empty token is the bare word.
        return "Authorization", (word + key).rstrip()

    def count_failure(self, kept: list[Exchange]) -> None:
        """Take note of a request without a reply; after several in a row the run is over."""
        with self._lock:
            self._failures += 1
            if self._failures >= _BROKEN_AFTER and not self.why_stopped:
                reason = kept[0].failure if kept else "no reply"
                self.why_stopped = f"the target stopped answering ({reason})"


def first_scheme(contract: Contract, operation: Operation | None) -> str:
    """Return the first security scheme an operation takes (of any operation if it is open)."""
    alternatives = operation.security if operation is not None else ()
    for names in alternatives:
        if names:
            return names[0]
    schemes = contract.document.get("components", {}).get("securitySchemes", {})
    return next(iter(schemes), "")


def key_for(label: str, first: str, second: str) -> str:
    """Return the key that a label stands for, made from the first key so that its form fits."""
    if label in ("first", "bare", "basic"):
        return first
    if label == "second":
        return second
    if label == "empty":
        return ""
    if label == "truncated":
        return first[:-1]
    if label == "extended":
        return first + "0"
    if label == "swapped-case":
        return first.swapcase()
    return unknown_key(first)


def unknown_key(key: str) -> str:
    """Return a key of the same form as a given one that no account has."""
    turned = [_turned(char) for char in key[-12:]]
    return key[:-12] + "".join(turned)


def _turned(char: str) -> str:
    for letters in (
        "0123456789",
        "abcdef",
        "ABCDEF",
        "ghijklmnopqrstuvwxyz",
        "GHIJKLMNOPQRSTUVWXYZ",
    ):
        if char in letters:
            return letters[(letters.index(char) + len(letters) // 2) % len(letters)]
    return char
