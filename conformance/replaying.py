"""Sends kept failures again, exactly, and judges their rules by what comes back."""

from __future__ import annotations

from dataclasses import replace

from conformance.checks import judged_again
from conformance.failures import Failure, Kept
from conformance.log import Note
from conformance.session import Session
from conformance.setting import Setting


def replay(session: Session, setting: Setting, kept: Kept) -> None:
    """Send what was kept; the session's log then has the evidence of those rules.

    A failure of a lifecycle names a run that may be gone, so its lifecycle is made anew.
    """
    journeys = set()
    for failure in kept.failures:
        series = {exchange.series.partition("#")[0] for exchange in failure.exchanges}
        if series - {""}:
            journeys |= series - {""}
        else:
            _send(session, failure)
    chosen = tuple(each for each in session.profile.journeys if each.name in journeys)
    if chosen:
        from conformance.drivers import lifecycle

        chosen_only = replace(setting, profile=replace(session.profile, journeys=chosen))
        lifecycle.run(session, chosen_only)()


def _send(session: Session, failure: Failure) -> None:
    for exchange in failure.exchanges:
        reading = session.resend(exchange)
        check = failure.rule.partition(".generated.")[2].replace("-", "_")
        if reading is None or not check or reading.operation is None:
            continue
        holds, message = judged_again(check, reading, session.profile)
        session.log.note(Note(check, reading.operation.id, holds, reading.index, message))
