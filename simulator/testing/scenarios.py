"""Scenarios of a world: put in force by name or definition, counted, ended."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from simulator.remote import ControlError, ControlPlane


class Scenario:
    """A scenario in force; as a context manager it ends with the block."""

    def __init__(self, control: ControlPlane, path: str, name: str) -> None:
        self.name = name
        self._control = control
        self._path = f"{path}/{quote(name, safe='')}"

    @property
    def applied(self) -> int:
        """How many calls it has decided."""
        return int(self._control.ask("GET", self._path)["applied"])

    def drop(self) -> None:
        """End it."""
        self._control.ask("DELETE", self._path)

    def __enter__(self) -> "Scenario":
        return self

    def __exit__(self, *_exception: object) -> None:
        try:
            self.drop()
        except ControlError as error:
            if error.status != 404:  # it was ended before
                raise


class Scenarios:
    """The scenarios of one tenant; the one that is put in force last is asked first."""

    def __init__(self, control: ControlPlane, path: str) -> None:
        self._control = control
        self._path = f"{path}/scenarios"

    def use(
        self, wanted: str | Mapping[str, Any], match: Mapping[str, Any], times: int | None
    ) -> Scenario:
        """Put a scenario in force, by its name or as it is defined, under a name of its own."""
        if isinstance(wanted, str):
            body: dict[str, Any] = {"use": wanted}
            if match:
                body["match"] = match
            name = wanted
        else:
            body = _narrowed(wanted, match)
            name = str(body.pop("name", "scenario"))
        if times is not None:
            body["times"] = times
        name = _free(name, self.names())
        self._control.ask("PUT", f"{self._path}/{quote(name, safe='')}", body)
        return Scenario(self._control, self._path, name)

    def names(self) -> list[str]:
        """Those in force, the first to be asked first."""
        told = self._control.ask("GET", self._path)
        return [item["name"] for item in told["scenarios"]]

    def clear(self) -> None:
        """End all."""
        self._control.ask("DELETE", self._path)


def match_of(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions as a scenario has them; `for_` stands for `for`, which Python does not allow."""
    return {name.rstrip("_"): value for name, value in conditions.items() if value is not None}


def _narrowed(definition: Mapping[str, Any], match: Mapping[str, Any]) -> dict[str, Any]:
    """A definition whose rules apply under further conditions only."""
    if not match:
        return dict(definition)
    if "rules" not in definition:
        return {**definition, "match": {**(definition.get("match") or {}), **match}}
    rules = [
        {**rule, "match": {**(rule.get("match") or {}), **match}} for rule in definition["rules"]
    ]
    return {**definition, "rules": rules}


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, or the name with a number that nobody has."""
    known = set(taken)
    number, free = 1, name
    while free in known:
        number += 1
        free = f"{name}-{number}"
    return free
