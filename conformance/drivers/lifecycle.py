"""Creates one run per journey and follows it to its end, and a little beyond.

Steps are named in `journal.Journal`. Journeys run side by side; each run is read until it is
terminal or `--wait` is over, then three more times, through every other read, with the second
key, and its media are fetched. A run with a window is brought to its end before, by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.drivers import positive, quiet, validation
from conformance.drivers.travelling import NAME, Traveller, may_send
from conformance.model import Tier
from conformance.probe import Probe
from conformance.profile import Journey
from conformance.session import Session
from conformance.setting import Setting


def journeys(setting: Setting) -> Iterator[Journey]:
    """Yield the journeys that this run may make."""
    chosen = {operation.id for operation in setting.chosen()}
    for journey in setting.profile.journeys:
        if journey.fails and setting.trigger is None:
            continue
        touched = {journey.operation, *journey.feeds, *(read.operation for read in journey.reads)}
        if journey.tier <= setting.tier and chosen & touched:
            yield journey


def run(session: Session, setting: Setting) -> Callable[[], None]:
    """Make every journey, side by side; what has a window comes to its end alone before.

    What is varied comes last, of what budget is left. Returns what reads every ended run once
    more, for whoever runs the drivers to call at the end of all.
    """
    travellers = [Traveller(session, setting, journey) for journey in journeys(setting)]
    watched = [each for each in travellers if setting.has_windows and each.journey.window]
    if watched:
        quiet.wait(session, setting, watched[0].journey)
    for traveller in watched:
        traveller.set_out(traveller.journey.window)
    with session.workers_pool() as pool:
        list(pool.map(Traveller.go, travellers))
    for traveller in travellers:
        if traveller.body is not None:
            session.send_all(varied(setting, traveller.journey, traveller.body))

    def look_again() -> None:
        with session.workers_pool() as pool:
            list(pool.map(Traveller.look_again, travellers))

    return look_again


def varied(setting: Setting, journey: Journey, body: Any) -> Iterator[Probe]:
    """Yield creations with every legal value, and near misses, that no other driver can make.

    The body was accepted, so that a near miss is refused for its one fault and nothing else.
    """
    name = journey.operation
    if setting.tier < Tier.FUZZ:
        return
    operation = setting.contract.operation(name)
    of_operation = [each for each in setting.profile.journeys if each.operation == name]
    is_main = name in setting.profile.hard_to_succeed and journey is of_operation[0]
    if is_main:
        for probe in positive.legal_calls(setting, operation, body, NAME):
            yield replace(probe, series=journey.name, step="legal")
    others = frozenset().union(*(each.misses for each in of_operation))
    if not is_main and not journey.misses:
        return

    def is_wanted(subject: str) -> bool:
        field = validation.field_of(subject)
        return field in journey.misses or (is_main and field not in others)

    for probe in validation.broken(setting, operation, body, is_wanted):
        if setting.read(probe).is_invalid:
            yield replace(probe, driver=NAME, series=journey.name, step="near-miss")


def following(setting: Setting, journey: Journey) -> Iterator[Probe]:
    """Yield what would be sent once a run has ended, with no id and an empty reply to go by."""
    return (probe for probe in journey.then("", {}) if may_send(setting, probe))
