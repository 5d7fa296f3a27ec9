"""Latencies: how long replies take, drawn from a distribution, the same draw for the same seed.

In a scenario a latency is a duration (`latency: 250ms`), or a kind with its parameters:

    latency: {kind: uniform, low: 100ms, high: 900ms}
    latency: {kind: lognormal, median: 200ms, sigma: 0.8}
    latency: {kind: trace, trace: [120ms, 80ms, 2s]}
"""

import math
from collections.abc import Mapping
from random import Random
from typing import Any, Literal, get_args

import msgspec

from simulator.core.faults import LONGEST_DELAY_MS, wait_ms

LatencyKind = Literal["fixed", "uniform", "lognormal", "trace"]

ABOUT: Mapping[LatencyKind, str] = {
    "fixed": "always the same",
    "uniform": "anything from low to high, all alike",
    "lognormal": "around a median, with the long tail of real servers; sigma is its spread",
    "trace": "one measured value after the other, and from the beginning again",
}
"""What each kind is, in a few words."""

PARAMETERS: Mapping[LatencyKind, tuple[str, ...]] = {
    "fixed": ("wait",),
    "uniform": ("low", "high"),
    "lognormal": ("median", "sigma"),
    "trace": ("trace",),
}
"""The parameters of a kind; all but `sigma` (0.5) must be given."""

_SIGMA = 0.5
_MOST_SIGMA = 5.0
_LONGEST_TRACE = 100_000
_NAME = "latency"


class Latency(msgspec.Struct, frozen=True, gc=False):
    """A distribution of waits on the tenant's clock.

    `waits_ms` is the wait (fixed), the bounds (uniform), the median (lognormal) or the values in
    order (trace); `sigma` is the spread of a lognormal's logarithm.
    """

    kind: LatencyKind
    waits_ms: tuple[int, ...]
    sigma: float = _SIGMA

    def draw_ms(self, source: bytes, ordinal: int) -> int:
        """The wait of one call: a function of entropy and of how many calls came before it."""
        waits = self.waits_ms
        if self.kind == "trace":
            return waits[ordinal % len(waits)]
        if self.kind == "fixed":
            return waits[0]
        random = Random(source + ordinal.to_bytes(8))
        if self.kind == "uniform":
            return random.randint(*waits)
        factor = math.exp(random.gauss(0.0, self.sigma))
        return min(LONGEST_DELAY_MS, round(waits[0] * factor))


def latency_of(given: str | int | Mapping[str, Any]) -> Latency:
    """Read a latency as people write it: a duration, or an object of `kind` and parameters.

    Raises `ValueError` with one line of reason.
    """
    if not isinstance(given, Mapping):
        return Latency("fixed", (wait_ms(given, _NAME),))
    parts = dict(given)
    kind = parts.pop("kind", None)
    if kind not in get_args(LatencyKind):
        raise ValueError(f"{_NAME}: kind is one of {', '.join(ABOUT)}; not {kind!r}")
    if surplus := sorted(set(parts) - set(PARAMETERS[kind])):
        known = ", ".join(PARAMETERS[kind])
        raise ValueError(f"{_NAME}: {kind} has no {surplus[0]!r}; it has: {known}")
    sigma = _sigma(parts.pop("sigma", _SIGMA))
    names = [name for name in PARAMETERS[kind] if name != "sigma"]
    if missing := [name for name in names if name not in parts]:
        raise ValueError(f"{_NAME}: {kind} needs {missing[0]!r}")
    if kind == "trace":
        return Latency(kind, _trace(parts["trace"]))
    waits = tuple(wait_ms(parts[name], f"{_NAME}: {name}") for name in names)
    if kind == "uniform" and waits[0] > waits[1]:
        raise ValueError(f"{_NAME}: low is more than high")
    return Latency(kind, waits, sigma)


def shown_latency(latency: Latency) -> dict[str, Any]:
    """A latency as people write it, durations in ms; `latency_of` reads it again."""
    waits = latency.waits_ms
    if latency.kind == "trace":
        return {"kind": "trace", "trace": list(waits)}
    names = [name for name in PARAMETERS[latency.kind] if name != "sigma"]
    shown: dict[str, Any] = {"kind": latency.kind, **dict(zip(names, waits, strict=True))}
    return {**shown, "sigma": latency.sigma} if latency.kind == "lognormal" else shown


def _trace(given: Any) -> tuple[int, ...]:
    if not isinstance(given, list) or not 0 < len(given) <= _LONGEST_TRACE:
        raise ValueError(f"{_NAME}: trace is a list of 1 to {_LONGEST_TRACE} durations")
    return tuple(wait_ms(item, f"{_NAME}: trace") for item in given)


def _sigma(given: Any) -> float:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not 0 <= given <= _MOST_SIGMA:
        raise ValueError(f"{_NAME}: sigma is from 0 to {_MOST_SIGMA:g}, not {given!r}")
    return float(given)
