"""For tests of applications: a stand-in in a thread, worlds of their own, and pytest fixtures.

Names are imported when they are used, so that a plugin that nobody uses costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.remote import ControlError
    from simulator.testing.requests import Request, Requests
    from simulator.testing.runs import Run, Runs
    from simulator.testing.scenarios import Scenario
    from simulator.testing.stand_in import Understudy
    from simulator.testing.vendor import Vendor
    from simulator.testing.world import World
    from simulator.testing.world_clock import WorldClock

__all__ = [
    "ControlError",
    "Request",
    "Requests",
    "Run",
    "Runs",
    "Scenario",
    "Understudy",
    "Vendor",
    "World",
    "WorldClock",
]

_PLACES = {
    "ControlError": "simulator.remote",
    "Request": "simulator.testing.requests",
    "Requests": "simulator.testing.requests",
    "Run": "simulator.testing.runs",
    "Runs": "simulator.testing.runs",
    "Scenario": "simulator.testing.scenarios",
    "Understudy": "simulator.testing.stand_in",
    "Vendor": "simulator.testing.vendor",
    "World": "simulator.testing.world",
    "WorldClock": "simulator.testing.world_clock",
}


def __getattr__(name: str) -> Any:
    """Import one of the public names."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
