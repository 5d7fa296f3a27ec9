"""Every way to present a credential: each scheme alone, none, both, and near misses.

Reads are called rightly. Operations that bill get a body that is invalid too, so that a target
that lets a wrong key through starts nothing; tier fuzz repeats the refusals with a valid body.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.drivers.requests import refusable, right
from conformance.model import Tier
from conformance.probe import Probe
from conformance.setting import Setting
from contracts import Operation

NAME: Final = "credentials"
REFUSED: Final = ("unknown", "truncated", "extended", "empty")
BEARER_REFUSED: Final = ("basic", "bare")


def probes(setting: Setting) -> Iterator[Probe]:
    """Yield the credential probes of every chosen operation that needs a credential."""
    for operation in setting.chosen():
        if not needs_credential(operation) or operation.method == "DELETE":
            continue
        for probe, subject, credentials in ways(setting, operation):
            tags = {"subject": subject, "credentials": credentials}
            name = f"{NAME}.{probe}"
            cheap = refusable(setting, operation, NAME, name, **tags)
            if cheap is not None:
                yield cheap
            if setting.is_creation(operation):
                yield right(setting, operation, NAME, name, tier=Tier.FUZZ, **tags)


def needs_credential(operation: Operation) -> bool:
    """Whether an operation is closed: it lists schemes, and no empty alternative."""
    return bool(operation.security) and () not in operation.security


def ways(
    setting: Setting, operation: Operation
) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Yield probe, scheme and credentials of every way to present a credential."""
    schemes = [names[0] for names in operation.security]
    declared = setting.contract.document["components"]["securitySchemes"]
    yield "none", "", ()
    for scheme in schemes:
        yield "alone", scheme, ((scheme, "first"),)
        labels = REFUSED + (() if declared[scheme]["type"] == "apiKey" else BEARER_REFUSED)
        for label in (*labels, "swapped-case"):
            yield label, scheme, ((scheme, label),)
    if len(schemes) > 1:
        yield "both", "", tuple((scheme, "first") for scheme in schemes)
