"""Jobs and money: what was spent by the answers, and whether one more request may go out."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Budget:
    """Counts jobs and USD. None is no limit; an unknown price is infinite under a cost limit.

    A request reserves its worst case before it goes out; its answer turns that into what was
    spent. Without an answer the worst case is spent.
    """

    max_jobs: int | None = None
    max_cost: float | None = None
    jobs: int = 0
    cost: float = 0.0
    unpriced: int = 0
    _reserved_jobs: int = 0
    _reserved_cost: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, jobs: int, price: float | None) -> str:
        """Reserve the worst case of a request; returns why not, or an empty text."""
        cost = math.inf if price is None else jobs * price
        with self._lock:
            if self.max_jobs is not None:
                left = self.max_jobs - self.jobs - self._reserved_jobs
                if jobs > left:
                    return f"it could start {jobs} job(s), {max(left, 0)} left of {self.max_jobs}"
            if self.max_cost is not None:
                left_usd = self.max_cost - self.cost - self._reserved_cost
                if price is None and jobs:
                    return "its price is unknown, which counts as unbounded under --max-cost"
                if jobs and cost > left_usd:
                    return f"it could cost {cost:.2f} USD, {max(left_usd, 0):.2f} left"
            self._reserved_jobs += jobs
            self._reserved_cost += cost if math.isfinite(cost) else 0.0
        return ""

    def settle(self, reserved: int, spent: int, price: float | None) -> None:
        """Turn a reservation into what the answer says was started."""
        with self._lock:
            self._reserved_jobs -= reserved
            self._reserved_cost -= reserved * (price or 0.0)
            self.jobs += spent
            if price is None:
                self.unpriced += spent
            else:
                self.cost += spent * price
