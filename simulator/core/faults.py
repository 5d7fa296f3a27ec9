"""Faults of the wire: what breaks an exchange whose reply was right. `http/faulting.py` does it.

In a scenario a fault is a kind alone (`fault: reset-before`), or a kind with its parameters:

    fault: {kind: slow-body, bytes_per_second: 64}
    fault: {kind: truncated-json, after_bytes: 20, delay: 2s}
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from simulator.core.durations import duration_ms

FaultKind = Literal[
    "delay",
    "slow-body",
    "reset-before",
    "reset-within",
    "empty-reply",
    "truncated-json",
    "garbled",
    "wrong-content-type",
    "wrong-content-length",
]

Framing = Literal["kept", "broken"]

ABOUT: Mapping[FaultKind, str] = {
    "delay": "the reply comes later",
    "slow-body": "the body drips, so many bytes a second",
    "reset-before": "the connection is reset before the first byte of the reply",
    "reset-within": "the connection is reset within the body",
    "empty-reply": "the connection is closed without a byte",
    "truncated-json": "the body ends too early",
    "garbled": "bytes of the body are replaced by others",
    "wrong-content-type": "the reply names another content type",
    "wrong-content-length": "the reply promises more or fewer bytes than it has",
}
"""What each kind does, in a few words."""

PARAMETERS: Mapping[FaultKind, frozenset[str]] = {
    "delay": frozenset(),
    "slow-body": frozenset({"bytes_per_second"}),
    "reset-before": frozenset(),
    "reset-within": frozenset({"after_bytes"}),
    "empty-reply": frozenset(),
    "truncated-json": frozenset({"after_bytes", "framing"}),
    "garbled": frozenset({"after_bytes"}),
    "wrong-content-type": frozenset({"content_type"}),
    "wrong-content-length": frozenset({"offset_bytes"}),
}
"""The parameters that a kind has beside `delay`, which every kind has."""

LONGEST_DELAY_MS = 7 * 24 * 3_600_000
"""The longest wait of a fault or a latency: a week on the tenant's clock."""

_DELAY_MS = 1000
_LEAST_RATE, _MOST_RATE = 0.01, 1e9
_MOST_BYTES = 1 << 31
_NAME = "fault"


class Fault(msgspec.Struct, frozen=True, gc=False):
    """One broken exchange.

    delay_ms: how long the reply waits before its headers, on the tenant's clock; any kind may wait.
    bytes_per_second: how fast a slow body comes, on the same clock. after_bytes: how much of the
    body goes out unharmed; None is half of it (garbled: all of it is in danger). framing: whether a
    truncated body still has the length that its head promised (`kept`: valid HTTP, broken JSON) or
    not (`broken`). content_type: what the reply calls itself. offset_bytes: how much the promised
    length differs from the true one, never 0.
    """

    kind: FaultKind
    delay_ms: int = 0
    bytes_per_second: float = 16.0
    after_bytes: int | None = None
    framing: Framing = "kept"
    content_type: str = "text/html; charset=utf-8"
    offset_bytes: int = 16


def fault_of(given: str | Mapping[str, Any]) -> Fault:
    """Read a fault as people write it: its kind, or an object of `kind` and parameters.

    `delay` is a duration (`2s`, `PT2S`, or a number of ms); a fault of the kind `delay` that names
    none waits a second. Raises `ValueError` with one line of reason.
    """
    parts = dict(given) if isinstance(given, Mapping) else {"kind": given}
    kind: Any = parts.pop("kind", None)
    if kind not in get_args(FaultKind):
        raise ValueError(f"{_NAME}: kind is one of {', '.join(ABOUT)}; not {kind!r}")
    delay = parts.pop("delay", _DELAY_MS if kind == "delay" else 0)
    if surplus := sorted(set(parts) - PARAMETERS[kind]):
        known = ", ".join(sorted({"delay", *PARAMETERS[kind]}))
        raise ValueError(f"{_NAME}: {kind} has no {surplus[0]!r}; it has: {known}")
    fault = _converted({"kind": kind, "delay_ms": wait_ms(delay, _NAME), **parts})
    _check(fault)
    return fault


def wait_ms(given: Any, name: str) -> int:
    """Read a wait in ms; raises `ValueError` with a reason that begins with a name."""
    try:
        length_ms = duration_ms(given)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if length_ms > LONGEST_DELAY_MS:
        raise ValueError(f"{name}: {given!r} is more than 7 days")
    return length_ms


def shown_fault(fault: Fault) -> dict[str, Any]:
    """A fault as people write it; `fault_of` reads it again."""
    shown: dict[str, Any] = {"kind": fault.kind}
    if fault.delay_ms or fault.kind == "delay":
        shown["delay"] = fault.delay_ms
    for name in sorted(PARAMETERS[fault.kind]):
        if (value := getattr(fault, name)) is not None:
            shown[name] = value
    return shown


def _converted(parts: dict[str, Any]) -> Fault:
    try:
        return msgspec.convert(parts, Fault)
    except msgspec.ValidationError as error:
        raise ValueError(f"{_NAME}: {error}") from None


def _check(fault: Fault) -> None:
    if not _LEAST_RATE <= fault.bytes_per_second <= _MOST_RATE:
        raise ValueError(f"{_NAME}: bytes_per_second is from {_LEAST_RATE:g} to {_MOST_RATE:g}")
    if fault.after_bytes is not None and not 0 <= fault.after_bytes <= _MOST_BYTES:
        raise ValueError(f"{_NAME}: after_bytes is from 0 to {_MOST_BYTES}")
    if fault.offset_bytes == 0 or abs(fault.offset_bytes) > _MOST_BYTES:
        raise ValueError(f"{_NAME}: offset_bytes is not 0, and at most {_MOST_BYTES} up or down")
    is_sendable = fault.content_type.isascii() and fault.content_type.isprintable()
    if not is_sendable or not fault.content_type.strip():
        raise ValueError(f"{_NAME}: content_type is printable ASCII, not {fault.content_type!r}")
