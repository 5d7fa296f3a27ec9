"""Jobs and money: what was spent by the answers, and whether one more request may go out."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import Final

_PATIENCE_SECONDS: Final = 60.0


@dataclass(slots=True)
class Budget:
    """Counts jobs and USD. None is no limit; an unknown price is infinite under a cost limit.

    A request reserves its worst case before it goes out; its answer turns that into what was
    spent. Without an answer the worst case is spent. One that fits if those under way come to
    nothing waits for their answers.
    """

    max_jobs: int | None = None
    max_cost: float | None = None
    jobs: int = 0
    cost: float = 0.0
    unpriced: int = 0
    _reserved_jobs: int = 0
    _reserved_cost: float = 0.0
    _settled: threading.Condition = field(default_factory=threading.Condition)

    def reserve(self, jobs: int, price: float | None) -> str:
        """Reserve the worst case of a request; returns why not, or an empty text."""
        cost = math.inf if price is None else jobs * price
        with self._settled:
            self._settled.wait_for(lambda: self._is_decided(jobs, cost), _PATIENCE_SECONDS)
            if why_not := self._now(jobs, cost):
                return why_not
            self._reserved_jobs += jobs
            self._reserved_cost += cost if math.isfinite(cost) else 0.0
        return ""

    def _is_decided(self, jobs: int, cost: float) -> bool:
        """Whether a request fits, or would not even if all that is under way came to nothing."""
        return not self._now(jobs, cost) or bool(self._why_not(jobs, cost, 0, 0.0))

    def _now(self, jobs: int, cost: float) -> str:
        return self._why_not(jobs, cost, self._reserved_jobs, self._reserved_cost)

    def _why_not(self, jobs: int, cost: float, reserved_jobs: int, reserved_cost: float) -> str:
        """Return why a request does not fit beside what is reserved, or an empty text."""
        if self.max_jobs is not None:
            left = self.max_jobs - self.jobs - reserved_jobs
            if jobs > left:
                return f"it could start {jobs} job(s), {max(left, 0)} left of {self.max_jobs}"
        if self.max_cost is not None and jobs:
            left_usd = self.max_cost - self.cost - reserved_cost
            if math.isinf(cost):
                return "its price is unknown, which counts as unbounded under --max-cost"
            if cost > left_usd:
                return f"it could cost {cost:.2f} USD, {max(left_usd, 0):.2f} left"
        return ""

    def settle(self, reserved: int, spent: int, price: float | None) -> None:
        """Turn a reservation into what the answer says was started."""
        with self._settled:
            self._reserved_jobs -= reserved
            self._reserved_cost -= reserved * (price or 0.0)
            self.jobs += spent
            if price is None:
                self.unpriced += spent
            else:
                self.cost += spent * price
            self._settled.notify_all()
