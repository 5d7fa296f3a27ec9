"""One lifecycle in the log: what was sent about a run, and what came back."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.reading import Reading


class Journal:
    """One run's exchanges from its creation on, by step.

    Steps: `create`; `poll` until the run is terminal or time is up; `after` (three more reads);
    `alias:<operationId>` other ways to read the same run; `foreign:<operationId>` the same with
    the second key; `media`, `media-head`, `media-range`; `then:<probe>` further probes of the
    journey; `delete` and `deleted` (a read after); `legal` further creations with other values.
    Those of a window are named in `profile.Window`.
    """

    def __init__(self, series: str, readings: Iterable[Reading]) -> None:
        self.series = series
        self.sent = tuple(readings)
        self.readings = tuple(each for each in self.sent if each.status)

    def steps(self, *steps: str) -> list[Reading]:
        """Return the readings of some steps, in order; `alias` stands for every `alias:…`."""
        starts = tuple(f"{step}:" for step in steps)
        return [
            each
            for each in self.readings
            if each.exchange.step in steps or each.exchange.step.startswith(starts)
        ]

    @property
    def created(self) -> Reading | None:
        """The reading of the creation, None if it had no reply."""
        return next(iter(self.steps("create")), None)
