"""The providers as the suite drives them; one module each, found by name and loaded on use."""

from __future__ import annotations

from importlib import import_module

from conformance.profile import Profile
from contracts import names


def load(name: str) -> Profile:
    """Return a profile; for a contract without a module, one that bills for all writes."""
    if name not in names():
        raise KeyError(name)
    try:
        module = import_module(f"conformance.profiles.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"conformance.profiles.{name}":
            raise
        return Profile(name, creations=())
    profile: Profile = module.PROFILE
    return profile
