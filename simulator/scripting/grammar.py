"""The words of a scenario and of `match`, read into records.

What depends on a contract (does the operation exist, is the reply valid) is asked of a `Law`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from msgspec.structs import replace

from simulator.core import matching
from simulator.core.patterns import pattern
from simulator.core.scenarios import Comparison, Field, Give, Match, Rule, Scenario
from simulator.scripting.giving import Law, give_of
from simulator.scripting.reading import Path, Reader

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
"""The form of a scenario's name."""

_CALLS: Final = re.compile(r"(\d{1,9})(-(\d{1,9})?)?", re.ASCII)
_COMPARISONS: Final = ("is", "in", "contains", "matches", "exists", "min", "max")
_MOST_RULES: Final = 100


def scenario_of(data: Any, reader: Reader, law: Law, name: str = "") -> Scenario:
    """The scenario that plain data describes, as far as it can be read; `name` if it has none."""
    path: Path = ()
    known = ("name", "description", "rules", "match", "give")
    members = reader.members(data, path, known)
    if "name" in members:
        given = members["name"]
        if isinstance(given, str) and NAME.fullmatch(given):
            name = given
        else:
            reader.wrong(("name",), given, "a name of letters, digits, dots, dashes, underscores")
    description = ""
    if "description" in members:
        description = reader.text(members["description"], ("description",)).strip()
    rules = _rules(members, reader, law)
    source = {key: value for key, value in members.items() if key != "name"}
    return Scenario(name, " ".join(description.split()), rules, source)


def _rules(members: Mapping[str, Any], reader: Reader, law: Law) -> tuple[Rule, ...]:
    if "rules" not in members:
        return (
            _rule(
                {key: members[key] for key in ("match", "give") if key in members}, (), reader, law
            ),
        )
    for key in ("match", "give"):
        if key in members:
            reader.wrong((key,), key, "either rules, or one match and give")
    listed = members["rules"]
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST_RULES:
        reader.wrong(("rules",), listed, f"a list of 1 to {_MOST_RULES} rules")
        return ()
    return tuple(_rule(item, ("rules", n), reader, law) for n, item in enumerate(listed))


def _rule(data: Any, path: Path, reader: Reader, law: Law) -> Rule:
    members = reader.members(data, path, ("match", "give"))
    match = match_of(members.get("match", {}), (*path, "match"), reader, law)
    if "give" not in members:
        if isinstance(data, dict):
            reader.missing(path, "give: what a matched call gets")
        return Rule(match, Give())
    return Rule(match, give_of(members["give"], (*path, "give"), match, reader, law))


def match_of(data: Any, path: Path, reader: Reader, law: Law) -> Match:
    """The matcher that plain data describes."""
    members = reader.members({} if data is None else data, path, _MATCH)
    providers: tuple[str, ...] = ()
    if "provider" in members:
        providers = reader.words(members["provider"], (*path, "provider"), law.providers)
    found: dict[str, Any] = {"providers": providers}
    if "operation" in members:
        known = law.operations(providers)
        found["operations"] = reader.words(members["operation"], (*path, "operation"), known)
    conditions: list[Field] = []
    counted = [name for name in ("nth", "first", "calls") if name in members]
    for name in counted[1:]:
        reader.wrong((*path, name), name, f"one of nth, first and calls; there is {counted[0]}")
    for name, value in members.items():
        if name in ("body", "query"):
            conditions += _conditions(name, value, (*path, name), reader)
        elif name not in ("provider", "operation"):
            found.update(_MATCH[name](reader, value, (*path, name)))
    return Match(**found, fields=tuple(conditions))


def narrowed(match: Match, by: Match) -> Match:
    """A matcher narrowed by another: what the second says counts where it says something."""
    default = Match()
    changes = {
        name: value
        for name in Match.__struct_fields__
        if name != "fields" and (value := getattr(by, name)) != getattr(default, name)
    }
    return replace(match, **changes, fields=(*match.fields, *by.fields))


def _calls(reader: Reader, value: Any, path: Path) -> dict[str, Any]:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    form = _CALLS.fullmatch(text)
    first = int(form[1]) if form else 0
    last = int(form[3]) if form and form[3] else None if form and form[2] else first
    if first < 1 or (last is not None and last < first):
        reader.wrong(path, value, "calls such as 2, 1-3 or 4-")
        return {}
    return {"first_call": first, "last_call": last}


def _nth(reader: Reader, value: Any, path: Path) -> dict[str, Any]:
    number = reader.whole(value, path)
    return {"first_call": number, "last_call": number}


_MATCH: Final[Mapping[str, Callable[[Reader, Any, Path], dict[str, Any]]]] = {
    "provider": lambda *_: {},
    "operation": lambda *_: {},
    "account": lambda reader, value, path: {"accounts": reader.words(value, path)},
    "body": lambda *_: {},
    "query": lambda *_: {},
    "nth": _nth,
    "first": lambda reader, value, path: {"last_call": reader.whole(value, path)},
    "calls": _calls,
    "chance": lambda reader, value, path: {"chance": reader.number(value, path, 0, 1)},
    "after": lambda reader, value, path: {"after_ms": reader.duration(value, path)},
    "for": lambda reader, value, path: {"for_ms": reader.duration(value, path)},
    "per": lambda reader, value, path: {
        "per": reader.word(value, path, ("request", "run")) or "request"
    },
}


def _conditions(place: Any, data: Any, path: Path, reader: Reader) -> list[Field]:
    if not isinstance(data, dict) or not data:
        reader.wrong(
            path, data, 'JSONPaths and their values, such as {$.prompt: {contains: "cat"}}'
        )
        return []
    found: list[Field] = []
    for name, value in data.items():
        at = (*path, name)
        try:
            matching.check_path(name)
        except ValueError as error:
            reader.wrong(at, name, f"a JSONPath ({error})")
            continue
        if not (isinstance(value, dict) and value.keys() & set(_COMPARISONS)):
            found.append(Field(place, name, "is", value))
            continue
        for word, wanted in reader.members(value, at, _COMPARISONS).items():
            _check_wanted(word, wanted, (*at, word), reader)
            found.append(Field(place, name, cast(Comparison, word), wanted))
    return found


def _check_wanted(word: str, wanted: Any, path: Path, reader: Reader) -> None:
    """Note a value that a comparison cannot be made with."""
    if word == "exists":
        reader.flag(wanted, path)
    elif word == "in" and not isinstance(wanted, list):
        reader.wrong(path, wanted, "a list of values")
    elif word in ("min", "max"):
        reader.number(wanted, path, -1e300, 1e300)
    elif word == "matches":
        try:
            pattern(reader.text(wanted, path))
        except ValueError as error:
            reader.wrong(path, wanted, f"a regular expression ({error})")
