"""Creates one run per journey and follows it to its end, and a little beyond.

Steps are named in `evidence.Journal`. Journeys run side by side; each run is read until it is
terminal or `--wait` is over, then three more times, through every other read, with the second
key, and its media are fetched.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urljoin

from conformance import inputs
from conformance.probe import FIRST, Probe, json_body
from conformance.profile import Journey, Read
from conformance.reading import Reading
from conformance.session import Session
from conformance.setting import Setting

NAME: Final = "lifecycle"
_FOLLOWED: Final = 5
_MEDIA: Final = 2
_SLOWEST_SECONDS: Final = 2.0
_NOTHING: Final[Mapping[str, str]] = {}
UNKNOWN_FIELD: Final = {"x_unknown_field": "ignored"}


def journeys(setting: Setting) -> Iterator[Journey]:
    """Yield the journeys that this run may make."""
    chosen = {operation.id for operation in setting.chosen()}
    for journey in setting.profile.journeys:
        if journey.fails and setting.trigger is None:
            continue
        touched = {journey.operation, *journey.feeds, *(read.operation for read in journey.reads)}
        if journey.tier <= setting.tier and chosen & touched:
            yield journey


def body_of(journey: Journey, setting: Setting) -> Any:
    """Return a journey's request body, with the failure trigger where it belongs."""
    changes = setting.profile.bodies.get(journey.name, journey.body)
    body = dict(changes) if isinstance(changes, dict) else changes
    if journey.fails and setting.trigger is not None and isinstance(body, dict):
        field, text = setting.trigger
        body[field or journey.prompt] = text
    return body


def run(session: Session, setting: Setting) -> None:
    """Make every journey, side by side."""
    with session.workers_pool() as pool:
        list(
            pool.map(lambda journey: _Traveller(session, setting, journey).go(), journeys(setting))
        )


class _Traveller:
    """One journey under way."""

    def __init__(self, session: Session, setting: Setting, journey: Journey) -> None:
        self._session = session
        self._setting = setting
        self._journey = journey

    def go(self) -> None:
        journey = self._journey
        body = self._prepared()
        created = None if body is None else self._create(body)
        if created is None or not created.is_success:
            return
        self._fetch(journey.media(created.reply.value))
        creation = self._setting.profile.creation(journey.operation)
        ids = creation.ids(created.reply.value) if creation else ()
        if not ids or not journey.reads:
            return
        answer = created.reply.value
        last = self._poll(ids[0], answer)
        main = journey.reads[0]
        if last is None or main.status(last.reply.value) not in journey.terminal:
            return
        for _ in range(3):
            self._read(main, ids[0], answer, "after")
        for read in journey.reads[1:]:
            self._read(read, ids[0], answer, f"alias:{read.operation}")
        for read in journey.reads:
            if read.operation in self._setting.profile.hard_to_succeed:
                self._read(read, ids[0], answer, "unknown-field", more=UNKNOWN_FIELD)
        if self._setting.has_second_key:
            for read in journey.reads:
                self._read(read, ids[0], answer, f"foreign:{read.operation}", key="second")
        self._fetch(main.media(last.reply.value))
        self._follow_up(journey.then(ids[0], answer))
        if journey.delete:
            self._delete(ids[0])

    def _prepared(self) -> Any:
        """Return the body to create with, None if what it needs is not to be had."""
        if self._journey.prepare is None:
            return body_of(self._journey, self._setting)
        return self._journey.prepare(self)

    @property
    def wait_seconds(self) -> float:
        """How long a run may take that the journey starts on its way."""
        return self._session.wait_seconds

    def __call__(self, probe: Probe) -> Reading | None:
        """Send a request of the journey's own, unless it needs a key that is not there."""
        labels = {label for _, label in probe.credentials}
        if "second" in labels and not self._setting.has_second_key:
            return None
        own = self._probe(probe.operation, probe.method, probe.path, probe.step)
        return self._session.send(
            replace(
                probe,
                driver=own.driver,
                probe=probe.probe or own.probe,
                tier=own.tier,
                series=own.series,
            )
        )

    def _create(self, body: Any) -> Reading | None:
        operation = self._session.contract.operation(self._journey.operation)
        query, path = inputs.parameters(operation, self._session.contract, self._setting.profile)
        probe = self._probe(
            operation.id, operation.method, inputs.path_of(operation, path), "create"
        )
        probe = replace(probe, query=query, body=json_body(body))
        return self._session.send(probe, seconds=self._session.wait_seconds)

    def _poll(self, identity: str, answer: Any) -> Reading | None:
        """Read a run until it is terminal; returns the last reading."""
        main = self._journey.reads[0]
        pause = 0.03 if self._setting.is_understudy else 0.5
        until = time.monotonic() + self._session.wait_seconds
        last: Reading | None = None
        while time.monotonic() < until and not self._session.is_over():
            last = self._read(main, identity, answer, "poll")
            if last is None or main.status(last.reply.value) in self._journey.terminal:
                return last
            time.sleep(pause)
            pause = min(pause * 1.3, 0.25 if self._setting.is_understudy else _SLOWEST_SECONDS)
        return last

    def _read(
        self,
        read: Read,
        identity: str,
        answer: Any,
        step: str,
        key: str = "first",
        more: Mapping[str, str] = _NOTHING,
    ) -> Reading | None:
        operation = self._session.contract.operation(read.operation)
        given = {**read.parameters(identity, answer), **more}
        path = {name: given.pop(name) for name in list(given) if "{" + name + "}" in operation.path}
        probe = self._probe(operation.id, operation.method, inputs.path_of(operation, path), step)
        body: bytes | None = None
        if operation.body is not None:
            body, given = json_body(given), {}
        credentials = ((FIRST[0], key),) if operation.security else ()
        return self._session.send(replace(probe, query=given, body=body, credentials=credentials))

    def _follow_up(self, probes: Iterable[Probe]) -> None:
        """Send a journey's own further probes of an ended run."""
        for probe in probes:
            foreign = any(label == "second" for _, label in probe.credentials)
            if probe.tier <= self._setting.tier and (self._setting.has_second_key or not foreign):
                step, series = f"then:{probe.probe}", self._journey.name
                self._session.send(replace(probe, driver=NAME, series=series, step=step))

    def _delete(self, identity: str) -> None:
        operation = self._session.contract.operation(self._journey.delete)
        path = {p.name: identity for p in operation.parameters if p.location == "path"}
        probe = self._probe(operation.id, "DELETE", inputs.path_of(operation, path), "delete")
        if self._setting.has_second_key:
            foreign = replace(
                probe, step=f"foreign:{operation.id}", credentials=((FIRST[0], "second"),)
            )
            self._session.send(foreign)
        self._session.send(probe)
        self._read(self._journey.reads[0], identity, None, "deleted")

    def _fetch(self, urls: tuple[str, ...]) -> None:
        if not self._setting.media:
            return
        for url in urls[:_MEDIA]:
            self._follow(url, "GET", "media")
            self._follow(url, "HEAD", "media-head")
            self._follow(url, "GET", "media-range", (("range", "bytes=0-15"),))

    def _follow(
        self, url: str, method: str, step: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Fetch a URL, following redirects; only one relative to the API carries the key."""
        where = urljoin(self._session.target.base_url, url)
        credentials = (FIRST,) if url.startswith("/") and not url.startswith("//") else ()
        for hop in range(_FOLLOWED):
            probe = self._probe("", method, "", step if hop == 0 else f"{step}-redirected")
            found = self._session.send(
                replace(probe, url=where, headers=headers, credentials=credentials, subject=url)
            )
            location = found.exchange.reply_header("location") if found else None
            if found is None or not 300 <= found.status < 400 or not location:
                return
            where = urljoin(where, location)

    def _probe(self, operation: str, method: str, path: str, step: str) -> Probe:
        return Probe(
            method, path, NAME, f"{NAME}.{self._journey.name}", operation,
            tier=self._journey.tier, series=self._journey.name, step=step,
        )  # fmt: skip
