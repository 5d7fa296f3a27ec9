"""Scenarios from outside: which there are, and which are in force in a tenant."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from simulator.control.reading import Asked, Declined, Violation
from simulator.control.replying import json_reply, tenant_of, time_text
from simulator.core import matching
from simulator.core.scenarios import PLAYBOOKS, Active, Playbook, Rule, Scenario
from simulator.core.store import Tx
from simulator.house import House
from simulator.scripting.grammar import match_of, narrowed, scenario_of
from simulator.scripting.reading import Mistake, Reader

_DEFINING = ("description", "rules", "give")


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of scenarios."""

    async def list_library(_asked: Asked) -> Response:
        shelf = house.shelf
        found = [shelf.find(name) for name in shelf.names()]
        return json_reply({"scenarios": [_listed(house, item) for item in found if item]})

    async def read_library_scenario(asked: Asked) -> Response:
        scenario = _on_shelf(house, asked.path["scenario"])
        return json_reply({**_listed(house, scenario), "definition": scenario.source})

    async def list_scenarios(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])

        async def work(tx: Tx) -> list[dict[str, Any]]:
            playbook = await tx.get(PLAYBOOKS, "") or Playbook()
            return [await _shown(tx, item) for item in playbook.active]

        return json_reply({"scenarios": await tenant.transact(work)})

    async def read_scenario(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        name = asked.path["scenario"]

        async def work(tx: Tx) -> dict[str, Any] | None:
            playbook = await tx.get(PLAYBOOKS, "") or Playbook()
            found = (item for item in playbook.active if item.scenario.name == name)
            active = next(found, None)
            return None if active is None else await _shown(tx, active)

        shown = await tenant.transact(work)
        if shown is None:
            raise _not_in_force(name)
        return json_reply(shown)

    async def activate_scenario(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        scenario = _wanted(house, asked.path["scenario"], asked.body)
        times = asked.body.get("times")

        async def work(tx: Tx) -> tuple[dict[str, Any], bool]:
            now_ms = await tenant.time_in(tx)
            active, is_new = await matching.activate(tx, scenario, now_ms, times)
            return await _shown(tx, active), is_new

        shown, is_new = await tenant.transact(work)
        return json_reply(shown, 201 if is_new else 200)

    async def drop_scenario(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        name = asked.path["scenario"]
        if not await tenant.transact(lambda tx: matching.deactivate(tx, name)):
            raise _not_in_force(name)
        return json_reply(None, 204)

    async def clear_scenarios(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        await tenant.transact(matching.deactivate_all)
        return json_reply(None, 204)

    return {
        "listLibrary": list_library,
        "readLibraryScenario": read_library_scenario,
        "listScenarios": list_scenarios,
        "readScenario": read_scenario,
        "activateScenario": activate_scenario,
        "dropScenario": drop_scenario,
        "clearScenarios": clear_scenarios,
    }


def _wanted(house: House, name: str, body: Mapping[str, Any]) -> Scenario:
    """The scenario that a body defines or names; raises `Declined`."""
    reader = Reader()
    law = house.shelf.law
    if any(key in body for key in _DEFINING):
        if "use" in body:
            told = "use names a scenario of the library; it stands alone, or with match and times"
            raise Declined(400, f"body/use: {told}", Violation("body", "/use", told))
        data = {key: value for key, value in body.items() if key != "times"}
        scenario = scenario_of(data, reader, law, name)
        _raise(reader.mistakes)
        return scenario
    found = _on_shelf(house, body.get("use", name))
    if "match" not in body:
        return Scenario(name, found.description, found.rules, found.source)
    by = match_of(body["match"], ("match",), reader, law)
    _raise(reader.mistakes)
    rules = tuple(Rule(narrowed(rule.match, by), rule.give) for rule in found.rules)
    return Scenario(name, found.description, rules, _narrowed_source(found, body["match"]))


def _narrowed_source(scenario: Scenario, match: Mapping[str, Any]) -> dict[str, Any]:
    """A library scenario as it would be written with a narrower match."""
    source = scenario.source
    if "rules" not in source:
        return {**source, "match": {**(source.get("match") or {}), **match}}
    rules = [{**rule, "match": {**(rule.get("match") or {}), **match}} for rule in source["rules"]]
    return {**source, "rules": rules}


def _raise(mistakes: list[Mistake]) -> None:
    if not mistakes:
        return
    violations = [
        Violation("body", "".join(f"/{_escaped(part)}" for part in item.path), str(item))
        for item in mistakes
    ]
    raise Declined(400, f"body{violations[0].pointer}: {violations[0].message}", *violations)


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _on_shelf(house: House, name: str) -> Scenario:
    found = house.shelf.find(name)
    if found is None:
        close = house.shelf.closest(name)
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        raise Declined(404, f"no scenario {name[:100]!r} in the library or the files{hint}")
    return found


def _not_in_force(name: str) -> Declined:
    return Declined(404, f"no scenario {name[:100]!r} is in force")


def _listed(house: House, scenario: Scenario) -> dict[str, Any]:
    origin = "file" if scenario.name in house.shelf.own else "library"
    return {"name": scenario.name, "description": scenario.description, "origin": origin}


async def _shown(tx: Tx, active: Active) -> dict[str, Any]:
    applied, fitted = await matching.counts(tx, active)
    return {
        "name": active.scenario.name,
        "description": active.scenario.description,
        "since": time_text(active.since_ms),
        "times": active.times,
        "applied": applied,
        "fitted": list(fitted),
        "definition": active.scenario.source,
    }
