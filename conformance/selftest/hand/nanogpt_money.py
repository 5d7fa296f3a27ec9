"""NanoGPT's faults of money: what a job, a failure or a refusal does to balances."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from conformance.profiles.nanogpt import COMPLETED
from conformance.profiles.nanogpt_answers import data_of
from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Memory, Reply

_CREATE: Final = c.success("createVideo")
_BALANCE: Final = c.success("checkBalance")
Taken = Callable[[Reading, Memory], float]


def _by(label: str) -> c.When:
    return lambda reading: [each.label for each in reading.credentials] == [label]


def _cost(reading: Reading) -> float:
    return float(reading.answer.get("cost") or 0)


def _taking(taken: Taken, label: str = "first") -> Change:
    """Let an account's balance fall by what `taken` says of each reply, and never rise again."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        if not (_BALANCE(reading) and _by(label)(reading)):
            memory.notes["taken"] = memory.notes.get("taken", 0.0) + taken(reading, memory)
            return None
        less = Decimal(str(memory.notes.get("taken", 0.0)))
        return c.put(_BALANCE, "usd_balance", lambda usd: f"{Decimal(usd) - less:.8f}")(
            reading, memory
        )

    return run


def _again(reading: Reading, memory: Memory) -> float:
    """Take what a submission costs."""
    return _cost(reading) if _CREATE(reading) else 0.0


def _kept(reading: Reading, memory: Memory) -> float:
    """Take what a failed job has cost, when its end is first told."""
    if _CREATE(reading):
        memory.notes[str(reading.answer.get("runId"))] = _cost(reading)
    data = data_of(reading.reply.value)
    if data.get("status") != "FAILED":
        return 0.0
    return float(memory.notes.pop(str(data.get("requestId", data.get("request_id"))), 0.0))


def _fee(reading: Reading, memory: Memory) -> float:
    """Take half a dollar for a refused submission."""
    return 0.5 if c.refused("createVideo", 400)(reading) and _by("first")(reading) else 0.0


def _fee_of_second(reading: Reading, memory: Memory) -> float:
    """Take half a dollar for a submission of the second account that was refused."""
    return 0.5 if c.refused("createVideo", 400)(reading) and _by("second")(reading) else 0.0


def _extended(reading: Reading, memory: Memory) -> float:
    """Take what an extension costs."""
    return _cost(reading) if c.success("extendVideo")(reading) else 0.0


def _still(reading: Reading, memory: Memory) -> Reply | None:
    """Tell every account the balance that it was told first."""
    if not _BALANCE(reading):
        return None
    key = f"balance {[each.label for each in reading.credentials]}"
    first: Reply = memory.notes.setdefault(key, Reply.of(reading.exchange))
    return first


def _dearer(document: Any, reading: Reading) -> Any:
    data = data_of(document)
    if data.get("status") in COMPLETED and isinstance(data.get("cost"), int | float):
        data["cost"] *= 1.5
    return document


def _before(document: Any, reading: Reading) -> Any:
    if {"cost", "remainingBalance"} <= document.keys():
        document["remainingBalance"] += document["cost"]
    return document


def _flat(document: Any, reading: Reading) -> Any:
    """Ask for five seconds' price whatever the length."""
    if reading.body.get("duration") == "10" and "cost" in document:
        document["cost"] /= 2
    return document


def _one_size(document: Any, reading: Reading) -> Any:
    """Ask for the price of 720p for 480p, which has half of it."""
    if reading.body.get("resolution") == "480p" and "cost" in document:
        document["cost"] *= 2
    return document


def _texts_only(document: Any, reading: Reading) -> Any:
    """Ask for five seconds' price where the length is a number."""
    if reading.body.get("duration") == 10 and "cost" in document:
        document["cost"] /= 2
    return document


ROWS: Final[tuple[tuple[str, str, str, Change], ...]] = (
    ("createVideo", "charged-twice", "charges every job twice", _taking(_again)),
    ("createVideo", "other-pays", "charges another account as well", _taking(_again, "second")),
    ("createVideo", "refusal-fee", "charges half a dollar for a refusal", _taking(_fee)),
    ("createVideo", "refusal-fee-of-second", "charges for what it refuses, whatever the cause",
     _taking(_fee_of_second, "second")),
    ("extendVideo", "charged-twice", "charges every extension twice", _taking(_extended)),
    ("extendVideo", "not-charged", "charges no extension",
     _taking(lambda r, m: -_extended(r, m))),
    ("createVideo", "not-refunded", "keeps what a failed job has cost", _taking(_kept)),
    ("createVideo", "balance-before", "tells the balance before the job as what remains",
     c.edited(_CREATE, _before)),
    ("createVideo", "length-is-free", "costs the same for ten seconds as for five",
     c.edited(_CREATE, _flat)),
    ("createVideo", "number-is-free", "does not see a length that is a number",
     c.edited(_CREATE, _texts_only)),
    ("createVideo", "size-is-free", "costs the same in every resolution",
     c.edited(_CREATE, _one_size)),
    ("checkBalance", "still", "has a balance that no job moves", _still),
    ("getVideoStatus", "dearer", "costs half as much again at the end",
     c.edited(c.success("getVideoStatus"), _dearer)),
)  # fmt: skip
