"""What a desk needs of its tenant: to change it, its seed, its time and its pace."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from simulator.core.clock import Pace
from simulator.core.runs import Stage
from simulator.core.store import Kind, R, Tx

T = TypeVar("T")


class World(Protocol):
    """What a desk needs of its tenant."""

    name: str
    seed: str

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run one transaction in the tenant."""

    async def read(self, kind: Kind[R], key: str) -> R | None:
        """Read one record as it stands."""

    async def now_ms(self) -> int:
        """The tenant's time."""

    async def time_in(self, tx: Tx) -> int:
        """The tenant's time, read inside a transaction."""

    async def pace_in(self, tx: Tx, provider: str) -> tuple[int, Pace]:
        """The tenant's time, and how new runs of a provider get on."""

    async def sleep_until(self, at_ms: int | None) -> None:
        """Wait until the tenant's clock shows a time, or has been moved."""

    def stages(self, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """The stages of a run as this tenant wants them to last."""
