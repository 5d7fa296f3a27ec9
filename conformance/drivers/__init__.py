"""The drivers: each produces exchanges for the rules that name it.

A stateless driver is a function from a `Setting` to probes, sent side by side. A driver that has
to look at answers (`lifecycle`, `generator`) runs with the session. Order matters: what costs
nothing comes first, so that a budget that runs out takes the least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from conformance.drivers import credentials, malformed, methods, positive, validation
from conformance.probe import Probe
from conformance.setting import Setting


def own(setting: Setting) -> Iterable[Probe]:
    """Return the provider's own probes, of the operations chosen."""
    chosen = {operation.id for operation in setting.chosen()}
    for probe in setting.profile.probes(setting.contract):
        if not probe.operation or probe.operation in chosen:
            yield probe


STATELESS: Final[dict[str, Callable[[Setting], Iterable[Probe]]]] = {
    "credentials": credentials.probes,
    "methods": methods.probes,
    "validation": validation.probes,
    "malformed": malformed.probes,
    "positive": positive.probes,
    "modes": own,
}
WINDOWS: Final = "windows"
"""What the lifecycle driver does besides, if a rule names it: see `profile.Window`."""
STATEFUL: Final = ("lifecycle", "generator")
ALL: Final = (*STATELESS, *STATEFUL)
