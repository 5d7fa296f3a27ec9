"""What the person asked of a run: flags of the command, arguments of the library."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.deviations import Deviation
from conformance.model import Tier
from contracts import Dialect


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for; None where the target decides.

    `operations` are operationIds or `METHOD path`. `trigger` is (field, text). `reply_seconds`
    bounds one reply, `wait_seconds` one lifecycle, `max_seconds` the run. `shrink` makes failing
    requests smaller by sending some more. Without `media` no file is looked at.
    """

    provider: str
    tier: Tier | None = None
    dialect: Dialect | None = None
    max_jobs: int | None = None
    max_cost: float | None = None
    only: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    trigger: tuple[str, str] | None = None
    media: bool = True
    wait_seconds: float = 60.0
    reply_seconds: float = 30.0
    max_seconds: float | None = None
    seed: int = 0
    max_examples: int = 10
    workers: int = 8
    strict: bool = False
    deviations: tuple[Deviation, ...] = field(default=())
    generator: bool = True
    shrink: bool = True
