"""OpenAPI Overlay 1.0: sourced differences applied to a document, in order.

Targets are JSONPath as RFC 9535 has it. An object is merged member by member, all the way down;
arrays grow at their end, whether they are the target or lie inside the update; anything else is
replaced. To replace an array, remove it in one action and give it in the next.
"""

import copy
from typing import Any

import jsonpath

from contracts.errors import ContractError


class _MisfitError(Exception):
    """An action that makes no sense for this document."""


def apply(document: dict[str, Any], overlay: dict[str, Any], file: str) -> dict[str, Any]:
    """Return a copy of `document` with every action of `overlay` applied.

    Raises ContractError naming `file` and the action for a target that selects nothing, and for
    an action that makes no sense there.
    """
    result = copy.deepcopy(document)
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise ContractError(file, "/actions", "an overlay needs a list of actions")
    for number, action in enumerate(actions):
        try:
            _act(result, action)
        except (_MisfitError, jsonpath.JSONPathError) as error:
            place = f"/actions/{number}"
            raise ContractError(file, place, f"action {number + 1}: {error}") from error
    return result


def merged(target: Any, update: Any) -> Any:
    """Return `target` with `update` merged in: objects recursively, arrays appended."""
    if isinstance(target, dict) and isinstance(update, dict):
        result = dict(target)
        for key, value in update.items():
            result[key] = merged(result[key], value) if key in result else copy.deepcopy(value)
        return result
    if isinstance(target, list) and isinstance(update, list):
        return [*target, *copy.deepcopy(update)]
    return copy.deepcopy(update)


def _act(document: dict[str, Any], action: Any) -> None:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise _MisfitError("an action needs a target")
    target = action["target"]
    matches = list(jsonpath.finditer(target, document))
    if not matches:
        raise _MisfitError(f"target selects nothing: {target}")
    if action.get("remove") is True:
        _remove(matches)
    elif "update" in action:
        for match in matches:
            _update(match.obj, action["update"], target)
    else:
        raise _MisfitError("an action needs update or remove")


def _remove(matches: list[jsonpath.JSONPathMatch]) -> None:
    """Remove every match; the last first, so that indexes of a list stay right."""
    for match in sorted(matches, key=lambda found: _order(found.parts), reverse=True):
        if match.parent is None:
            raise _MisfitError("the whole document cannot be removed")
        container: Any = match.parent.obj
        part: Any = match.parts[-1]
        del container[part]


def _order(parts: tuple[Any, ...]) -> list[tuple[int, int, str]]:
    return [(0, part, "") if isinstance(part, int) else (1, 0, str(part)) for part in parts]


def _update(selected: Any, update: Any, target: str) -> None:
    if isinstance(selected, list):
        selected.append(copy.deepcopy(update))
    elif not isinstance(selected, dict):
        raise _MisfitError(f"target selects neither an object nor an array: {target}")
    elif not isinstance(update, dict):
        raise _MisfitError("the update of an object must be an object")
    else:
        selected.update(merged(selected, update))
