"""One journey under way: its run is created, followed to its end, and looked at from all sides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urljoin

from conformance import inputs
from conformance.journal import Journal
from conformance.probe import FIRST, Probe, json_body
from conformance.profile import Journey, Read, Window
from conformance.reading import Reading
from conformance.session import Session
from conformance.setting import Setting

NAME: Final = "lifecycle"
_FOLLOWED: Final = 5
_MEDIA: Final = 2
_SLOWEST_SECONDS: Final = 2.0
_SETTLED_SECONDS: Final = 15.0
_SETTLED_UNDERSTUDY_SECONDS: Final = 0.8
_NOTHING: Final[Mapping[str, str]] = {}
UNKNOWN_FIELD: Final = {"x_unknown_field": "ignored"}


def body_of(journey: Journey, setting: Setting) -> Any:
    """Return a journey's request body, with the failure trigger where it belongs."""
    changes = setting.profile.bodies.get(journey.name, journey.body)
    body = dict(changes) if isinstance(changes, dict) else changes
    if journey.fails and setting.trigger is not None and isinstance(body, dict):
        field, text = setting.trigger
        body[field or journey.prompt] = text
    return body


def may_send(setting: Setting, probe: Probe) -> bool:
    """Whether the tier allows a journey's own probe, and the key that it needs is there."""
    is_foreign = any(label == "second" for _, label in probe.credentials)
    return probe.tier <= setting.tier and (setting.has_second_key or not is_foreign)


class Traveller:
    """One journey under way; `body` is what its run was created with, None if it was not."""

    def __init__(self, session: Session, setting: Setting, journey: Journey) -> None:
        self.journey = journey
        self._session = session
        self._setting = setting
        self.body: Any = None
        self._seen: list[Reading] = []
        self._created: Reading | None = None
        self._last: Reading | None = None
        self._is_out = False

    def go(self) -> None:
        """Make the journey, or what is left of it, and look around at its end."""
        if not self._is_out:
            self.set_out()
        created, last = self._created, self._last
        if created is None or last is None or not self._has_ended(last):
            return
        self._look_around(self._ids(created)[0], created.reply.value)
        self._fetch(self.journey.reads[0].media(last.reply.value))
        self._send_each(self.journey.then(self._ids(created)[0], created.reply.value), "then")
        if self.journey.delete:
            self._delete(self._ids(created)[0])

    def look_again(self) -> None:
        """Read an ended run once more in every way, long after its end, unless it was deleted."""
        created, last = self._created, self._last
        if created is None or last is None or not self._has_ended(last):
            return
        identity, answer = self._ids(created)[0], created.reply.value
        if self._was_deleted(identity):
            return
        self._read(self.journey.reads[0], identity, answer, "after")
        for read in self.journey.reads[1:]:
            self._read(read, identity, answer, f"alias:{read.operation}")

    def set_out(self, window: Window | None = None) -> None:
        """Start the run and follow it to its end."""
        self._is_out = True
        looks = window.looks if window else ()
        self._send_each(looks, "before")
        body = self._prepared()
        created = None if body is None else self._create(body)
        if created is None or not created.is_success:
            self._send_each(looks if created else (), "left")
            return
        self.body = body
        self._send_each(looks, "charged")
        self._fetch(self.journey.media(created.reply.value))
        ids = self._ids(created)
        if not ids or not self.journey.reads:
            return
        self._created = created
        self._last = self._poll(ids[0], created.reply.value)
        if window and self._last is not None and self._has_ended(self._last):
            self._settle(window)

    def _ids(self, created: Reading) -> tuple[str, ...]:
        creation = self._setting.profile.creation(self.journey.operation)
        return creation.ids(created.reply.value) if creation else ()

    def _has_ended(self, last: Reading) -> bool:
        return self.journey.reads[0].status(last.reply.value) in self.journey.terminal

    def _was_deleted(self, identity: str) -> bool:
        """Whether a run was deleted on the way, or by anybody else since: the generator, say."""
        return (
            bool(self.journey.delete)
            or any(each.exchange.method == "DELETE" for each in self._seen)
            or any(
                exchange.method == "DELETE" and identity in exchange.url
                for exchange in self._session.log
            )
        )

    def _settle(self, window: Window) -> None:
        """Look until nothing is outstanding, then send what must change nothing."""
        understudy = self._setting.is_understudy
        most = _SETTLED_UNDERSTUDY_SECONDS if understudy else _SETTLED_SECONDS
        until = time.monotonic() + min(most, self._session.wait_seconds)
        pause = 0.05
        self._send_each(window.looks, "settled")
        while not window.is_settled(Journal(self.journey.name, self._seen)):
            if time.monotonic() + pause > until or self._session.is_over():
                break
            time.sleep(pause)
            pause = min(pause * 2, _SLOWEST_SECONDS)
            self._send_each(window.looks, "settled")
        self._send_each(window.idle, "idle")
        self._send_each(window.looks, "left")

    def _look_around(self, identity: str, answer: Any) -> None:
        """Read an ended run in every way, with either key."""
        reads = self.journey.reads
        for _ in range(3):
            self._read(reads[0], identity, answer, "after")
        for read in reads[1:]:
            self._read(read, identity, answer, f"alias:{read.operation}")
        for read in reads:
            if read.operation in self._setting.profile.hard_to_succeed:
                self._read(read, identity, answer, "unknown-field", more=UNKNOWN_FIELD)
        if self._setting.has_second_key:
            for read in reads:
                self._read(read, identity, answer, f"foreign:{read.operation}", key="second")

    def _prepared(self) -> Any:
        """Return the body to create with, None if what it needs is not to be had."""
        if self.journey.prepare is None:
            return body_of(self.journey, self._setting)
        return self.journey.prepare(self)

    @property
    def trigger(self) -> tuple[str, str] | None:
        """The field and the text that make a job fail, if they are known."""
        return self._setting.trigger

    @property
    def media(self) -> bool:
        """Whether files are looked at."""
        return self._setting.media

    def follow(self, probe: Probe, has_ended: Callable[[Reading], bool]) -> Reading | None:
        """Send a request until its reply shows an end; returns that, None if time is up before."""
        last = self._repeat(lambda: self(probe), has_ended)
        return last if last is not None and has_ended(last) else None

    def fetch(self, url: str) -> None:
        """Fetch a file that a run of the journey's own has made."""
        if self.media:
            self._follow(url, "GET", "media")

    def __call__(self, probe: Probe) -> Reading | None:
        """Send a request of the journey's own, unless it needs a key that is not there."""
        labels = {label for _, label in probe.credentials}
        if "second" in labels and not self._setting.has_second_key:
            return None
        own = self._probe(probe.operation, probe.method, probe.path, probe.step)
        found = self._session.send(
            replace(
                probe,
                driver=own.driver,
                probe=probe.probe or own.probe,
                tier=own.tier,
                series=own.series,
            )
        )
        self._seen += [found] if found else []
        return found

    def _create(self, body: Any) -> Reading | None:
        operation = self._session.contract.operation(self.journey.operation)
        query, path = inputs.parameters(operation, self._session.contract, self._setting.profile)
        probe = self._probe(
            operation.id, operation.method, inputs.path_of(operation, path), "create"
        )
        probe = replace(probe, query=query, body=json_body(body))
        created = self._session.send(probe, seconds=self._session.wait_seconds)
        self._seen += [created] if created else []
        return created

    def _poll(self, identity: str, answer: Any) -> Reading | None:
        """Read a run until it is terminal; returns the last reading."""
        main = self.journey.reads[0]
        return self._repeat(
            lambda: self._read(main, identity, answer, "poll"),
            lambda reading: main.status(reading.reply.value) in self.journey.terminal,
        )

    def _repeat(
        self, send: Callable[[], Reading | None], has_ended: Callable[[Reading], bool]
    ) -> Reading | None:
        """Send something until its reply is the last one, or time is up; returns the last reply."""
        pause = 0.03 if self._setting.is_understudy else 0.5
        until = time.monotonic() + self._session.wait_seconds
        last: Reading | None = None
        while time.monotonic() < until and not self._session.is_over():
            last = send()
            if last is None or has_ended(last):
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
        found = self._session.send(replace(probe, query=given, body=body, credentials=credentials))
        self._seen += [found] if found else []
        return found

    def _send_each(self, probes: Iterable[Probe], step: str) -> None:
        """Send a journey's own further probes, one after another."""
        for probe in probes:
            if may_send(self._setting, probe):
                named, series = f"{step}:{probe.probe}", self.journey.name
                found = self._session.send(replace(probe, driver=NAME, series=series, step=named))
                self._seen += [found] if found else []

    def _delete(self, identity: str) -> None:
        operation = self._session.contract.operation(self.journey.delete)
        path = {p.name: identity for p in operation.parameters if p.location == "path"}
        probe = self._probe(operation.id, "DELETE", inputs.path_of(operation, path), "delete")
        if self._setting.has_second_key:
            foreign = replace(
                probe, step=f"foreign:{operation.id}", credentials=((FIRST[0], "second"),)
            )
            self._session.send(foreign)
        self._session.send(probe)
        self._read(self.journey.reads[0], identity, None, "deleted")

    def _fetch(self, urls: tuple[str, ...]) -> None:
        if not self.media:
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
            method, path, NAME, f"{NAME}.{self.journey.name}", operation,
            tier=self.journey.tier, series=self.journey.name, step=step,
        )  # fmt: skip
