"""What drivers are told: the contracts, the provider's profile, and what the run is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.exchange import Exchange
from conformance.judge import Judge
from conformance.model import Tier
from conformance.probe import Probe
from conformance.profile import Profile
from conformance.reading import Reading
from contracts import Contract, Operation


@dataclass(frozen=True, slots=True)
class Setting:
    """One run, before it starts.

    `operations` limits it to some operationIds, None is all. `trigger` is the field ("" for the
    journey's own) and the text that make a job fail. `checks` limits the generator to some of its
    checks, None is all.
    """

    judges: tuple[Judge, ...]
    profile: Profile
    tier: Tier
    operations: frozenset[str] | None = None
    has_second_key: bool = False
    is_understudy: bool = False
    trigger: tuple[str, str] | None = None
    media: bool = True
    seed: int = 0
    max_examples: int = 10
    max_seconds: float | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def contract(self) -> Contract:
        """The contract that requests are derived from."""
        return self.judges[0].contract

    def chosen(self) -> Iterator[Operation]:
        """Yield the operations that this run is about."""
        for operation in self.contract.operations:
            if self.operations is None or operation.id in self.operations:
                yield operation

    def is_creation(self, operation: Operation) -> bool:
        """Whether an operation may bill: it writes, and is not known to be harmless."""
        if operation.method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            return False
        return operation.id not in self.profile.harmless

    def read(self, probe: Probe) -> Reading:
        """Return how a probe would read, without sending it; its key counts as valid."""
        from urllib.parse import urlencode

        url = f"http://target{probe.path}" + (f"?{urlencode(probe.query)}" if probe.query else "")
        headers = (*probe.headers, ("content-type", "application/json")) if probe.body else ()
        exchange = Exchange(0, probe.method, url, headers, probe.body or b"", 0, (), b"", 0.0, 0.0)
        return Reading(exchange, self.judges)
