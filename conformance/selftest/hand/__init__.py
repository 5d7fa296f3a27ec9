"""Faults that somebody thought of, one module a provider: `FAULTS`, a tuple."""

from __future__ import annotations

from importlib import import_module

from conformance.selftest.fault import Fault


def faults(provider: str) -> tuple[Fault, ...]:
    """Return a provider's faults by hand; none if it has no module."""
    name = f"conformance.selftest.hand.{provider}"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return ()
    found: tuple[Fault, ...] = module.FAULTS
    return found
