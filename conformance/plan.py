"""What a run would send at worst, without sending it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from conformance.drivers import STATELESS
from conformance.model import Tier
from conformance.probe import Probe
from conformance.setting import Setting

if TYPE_CHECKING:
    from conformance.options import Options

_PER_EXAMPLE = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """Requests by driver and operation, and the jobs and USD they can start at worst.

    `cost_usd` is infinite where a price is unknown. Limits of the run are taken into account.
    """

    lines: tuple[tuple[str, str, int, int], ...]
    jobs: int
    cost_usd: float

    @property
    def words(self) -> str:
        """The worst case in a few words."""
        cost = "of unknown price" if math.isinf(self.cost_usd) else f"{self.cost_usd:.2f} USD"
        return f"at worst {self.jobs} job(s), {cost}" if self.jobs else "no job, 0.00 USD"

    @property
    def text(self) -> str:
        """The plan as a table."""
        head = f"{'driver':12} {'operation':34} {'requests':>8} {'jobs at worst':>14}"
        rows = [f"{d:12} {o or '-':34} {n:8} {j:14}" for d, o, n, j in self.lines]
        total = sum(line[2] for line in self.lines)
        return "\n".join([head, *rows, f"{total} requests planned, {self.words}; nothing was sent"])


def plan(setting: Setting, drivers: tuple[str, ...], options: Options) -> Plan:
    """Return what the drivers would do in this setting."""
    requests: Counter[tuple[str, str]] = Counter()
    jobs: Counter[tuple[str, str]] = Counter()
    cost = 0.0
    for driver in drivers:
        for operation, body, count in _calls(driver, setting):
            requests[driver, operation] += count
            started, price = _worst(setting, operation, body)
            if started:
                jobs[driver, operation] += started * count
                cost += math.inf if price is None else started * count * price
    total = sum(jobs.values())
    if options.max_jobs is not None and total > options.max_jobs:
        total = options.max_jobs
        cost = cost if total else 0.0
    if options.max_cost is not None:
        cost = min(cost, options.max_cost)
    lines = tuple((d, o, n, jobs[d, o]) for (d, o), n in requests.items())
    return Plan(lines, total, cost)


def _calls(driver: str, setting: Setting) -> list[tuple[str, Any, int]]:
    """Return operation, body and count of everything a driver would send."""
    if driver in STATELESS:
        probes = [p for p in STATELESS[driver](setting) if p.tier <= setting.tier]
        return [(p.operation, p, 1) for p in probes]
    if driver == "lifecycle":
        from conformance.drivers import lifecycle, travelling

        journeys = list(lifecycle.journeys(setting))
        found: list[tuple[str, Any, int]] = []
        for journey in journeys:
            body = travelling.body_of(journey, setting)
            found += [
                (name, each, 1) for name, each in (*journey.before, (journey.operation, body))
            ]
            found += [(p.operation, p, 1) for p in lifecycle.varied(setting, journey, body)]
            found += [(p.operation, p, 1) for p in lifecycle.following(setting, journey)]
        windows = [each.window for each in journeys if each.window and setting.has_windows]
        idle = [probe for window in windows for probe in window.idle]
        return found + [(p.operation, p, 1) for p in idle if p.tier <= setting.tier]
    if setting.tier < Tier.FUZZ:
        return []
    return [(op.id, {}, _PER_EXAMPLE * setting.max_examples) for op in setting.chosen()]


def _worst(setting: Setting, operation: str, call: Any) -> tuple[int, float | None]:
    """Return the jobs that a call can start if the target takes it, and the price of one."""
    body = call
    if isinstance(call, Probe):
        declared = next((op for op in setting.contract.operations if op.id == operation), None)
        if declared is None or call.method != declared.method:
            return 0, 0.0
        try:
            body = orjson.loads(call.body or b"")
        except orjson.JSONDecodeError:
            body = None
    declared = next((op for op in setting.contract.operations if op.id == operation), None)
    if declared is None or not setting.is_creation(declared):
        return 0, 0.0
    creation = setting.profile.creation(operation)
    if creation is None:
        return 1, None
    return max(creation.jobs(body), 1), creation.price(body)
