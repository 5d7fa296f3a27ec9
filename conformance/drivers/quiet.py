"""Waits until no run that this suite has started is under way: the account then stands still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from conformance import inputs
from conformance.probe import FIRST, Probe
from conformance.profile import Journey
from conformance.reading import Reading
from conformance.session import Session
from conformance.setting import Setting

PROBE: Final = "lifecycle.earlier"
_LONGEST_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.05
_BILLED_SECONDS: Final = 1.0


def wait(session: Session, setting: Setting, journey: Journey) -> None:
    """Read every run that was started before, as the journey reads its own, until it has ended.

    Gives up after ten seconds, or `--wait` if that is less. A stranger may bill a run a moment
    after its end, which is waited for too.
    """
    until = time.monotonic() + min(_LONGEST_SECONDS, session.wait_seconds)
    earlier = list(_reads(session, setting, journey))
    for probe in earlier:
        while not session.is_over():
            found = session.send(probe)
            status = journey.reads[0].status(found.reply.value) if found else ""
            if not status or status in journey.terminal or time.monotonic() > until:
                break
            time.sleep(_PAUSE_SECONDS)
    if earlier and not setting.is_understudy:
        time.sleep(_BILLED_SECONDS)


def _reads(session: Session, setting: Setting, journey: Journey) -> Iterator[Probe]:
    read = journey.reads[0]
    operation = session.contract.operation(read.operation)
    for exchange in session.log:
        reading = Reading(exchange, setting.judges) if 200 <= exchange.status < 300 else None
        made = reading and reading.operation and setting.profile.creation(reading.operation.id)
        if reading is None or not made or not reading.credentials:
            continue
        label = reading.credentials[0].label
        for identity in made.ids(reading.reply.value):
            query = dict(read.parameters(identity, reading.reply.value))
            path = {n: query.pop(n) for n in list(query) if "{" + n + "}" in operation.path}
            yield Probe(
                operation.method, inputs.path_of(operation, path), "lifecycle", PROBE,
                operation.id, query=query, credentials=((FIRST[0], label),), tier=journey.tier,
            )  # fmt: skip
