"""Scenarios in YAML files: every mistake is told as `file:line: found …, expected …`."""

from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath
from typing import Any

import yaml

from simulator.core.scenarios import Scenario, ScenarioError
from simulator.scripting.giving import Law
from simulator.scripting.grammar import NAME, scenario_of
from simulator.scripting.reading import Mistake, Path, Reader

_DEEPEST = 40
_MOST_VALUES = 300_000
_WIDEST_BITS = 64
_SUFFIXES = (".yaml", ".yml")


def read(paths: Iterable[FilePath], law: Law) -> dict[str, Scenario]:
    """The scenarios of some files and folders, by name; raises `ScenarioError`."""
    found: dict[str, Scenario] = {}
    origins: dict[str, str] = {}
    lines: list[str] = []
    for path in _files(paths, lines):
        for scenario, line in _scenarios(path, law, lines):
            origin = f"{path}:{line}"
            if scenario.name in origins:
                before = origins[scenario.name]
                told = f"found the name {scenario.name} again, expected another; see {before}"
                lines.append(f"{origin}: {told}")
            found[scenario.name] = scenario
            origins[scenario.name] = origin
    if lines:
        raise ScenarioError("\n".join(lines))
    return found


def _files(paths: Iterable[FilePath], lines: list[str]) -> Iterator[FilePath]:
    for path in paths:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.suffix in _SUFFIXES)
            if not inside:
                lines.append(f"{path}:1: found no file in the folder, expected some *.yaml")
            yield from inside
        else:
            yield path


def _scenarios(path: FilePath, law: Law, lines: list[str]) -> Iterator[tuple[Scenario, int]]:
    """The scenarios of one file, each with the line at which it begins."""
    try:
        nodes = list(yaml.compose_all(path.read_text("utf-8"), yaml.SafeLoader))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", "") or str(error)
        lines.append(f"{path}:1: found {reason}, expected a YAML file in UTF-8")
        return
    except (yaml.YAMLError, RecursionError) as error:
        line, problem = _problem(error)
        lines.append(f"{path}:{line}: found text that is no YAML ({problem}), expected YAML")
        return
    nodes = [node for node in nodes if node is not None]
    if not nodes:
        lines.append(f"{path}:1: found nothing, expected a scenario")
    for number, node in enumerate(nodes):
        if _size(node, {}) > _MOST_VALUES:
            surplus = f"found more than {_MOST_VALUES} values, expected fewer, aliases followed"
            lines.append(f"{path}:{node.start_mark.line + 1}: {surplus}")
            continue
        marks: dict[Path, int] = {}
        reader = Reader()
        data = _Plain(reader, marks).value(node, ())
        name = path.stem if number == 0 and NAME.fullmatch(path.stem) else ""
        if isinstance(data, dict):
            scenario = scenario_of(data, reader, law, name)
            if not scenario.name and "name" not in data:
                reader.missing((), "a name")
            if not scenario.description and "description" not in data:
                reader.missing((), "a description")
            yield scenario, node.start_mark.line + 1
        else:
            reader.wrong((), data, "a scenario: name, description and rules")
        told = sorted(
            (_line(mistake, marks), number) for number, mistake in enumerate(reader.mistakes)
        )
        lines += [f"{path}:{line}: {reader.mistakes[number]}" for line, number in told]


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for, the aliases in it followed; `known` are those counted.

    One within itself stands for too many.
    """
    if isinstance(node, yaml.ScalarNode):
        return 1
    key = id(node)
    if key in known:
        return known[key]
    known[key] = _MOST_VALUES
    if isinstance(node, yaml.MappingNode):
        inner = [part for pair in node.value for part in pair]
    else:
        inner = node.value
    size = known[key] = min(1 + sum(_size(item, known) for item in inner), 2 * _MOST_VALUES)
    return size


def _line(mistake: Mistake, marks: dict[Path, int]) -> int:
    """The line of a mistake's place, or of the nearest place around it."""
    path = mistake.path
    while path not in marks and path:
        path = path[:-1]
    return marks.get(path, 1)


def _problem(error: Exception) -> tuple[int, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    told = getattr(error, "problem", None) or str(error)
    return (mark.line + 1 if mark is not None else 1), " ".join(str(told).split())[:200]


class _Plain:
    """Makes JSON of YAML nodes, and notes where each value stands."""

    def __init__(self, reader: Reader, marks: dict[Path, int]) -> None:
        self._reader = reader
        self._marks = marks
        self._loader = yaml.SafeLoader("")

    def value(self, node: yaml.Node, path: Path) -> Any:
        """The value of a node."""
        self._marks.setdefault(path, node.start_mark.line + 1)
        if len(path) > _DEEPEST:
            self._reader.wrong(path, "a value within itself", "fewer levels")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._object(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _object(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        try:
            self._loader.flatten_mapping(node)
        except yaml.YAMLError as error:
            self._reader.wrong(path, _problem(error)[1], "an object to merge")
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            at = (*path, key)
            if key in found and key_node.start_mark.line + 1 != self._marks.get(at):
                self._marks[at] = key_node.start_mark.line + 1
                self._reader.wrong(at, key, "each key once")
            self._marks[at] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, at)
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag == "tag:yaml.org,2002:timestamp":
            return node.value
        try:
            value = self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError, KeyError):
            value = None
            self._reader.wrong(path, str(node.value), "a value of JSON")
        if isinstance(value, int) and value.bit_length() > _WIDEST_BITS:
            self._reader.wrong(path, node.value[:_WIDEST_BITS], "a number of 64 bits")
            return None
        if isinstance(value, str | int | float | bool) or value is None:
            return value
        self._reader.wrong(path, str(node.value), "a value of JSON")
        return None
