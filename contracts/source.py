"""YAML text to JSON values, read as YAML 1.2's JSON schema reads it.

A plain scalar is a number, `true`, `false` or `null` (also `~` or nothing) if JSON would read it
so, and text otherwise: `yes`, `off`, `012` and `2026-01-01` are text. Keys are always text.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import yaml

from contracts.errors import ContractError
from contracts.pointers import join

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader):
    """Resolves plain scalars as JSON does; PyYAML's own rules are those of YAML 1.1."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 (the parent's attribute, emptied)


for _name, _pattern, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9]*)", [*"-0123456789"]),
    (
        "float",
        r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)",
        [*"-0123456789"],
    ),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), _first)

_SCALARS: Final[dict[str, Callable[[str], Any]]] = {
    _TAG + "str": str,
    _TAG + "int": int,
    _TAG + "float": float,
    _TAG + "bool": lambda text: text == "true",
    _TAG + "null": lambda text: None,
}


def parse(text: str, file: str) -> dict[str, Any]:
    """Return the object a YAML text holds; raises ContractError naming `file` and the place."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ContractError(file, "", f"no YAML: {error}") from error
    value = _value(node, "", file, ())
    if not isinstance(value, dict):
        raise ContractError(file, "", "the document is no object")
    return value


def _value(node: yaml.Node | None, pointer: str, file: str, above: tuple[int, ...]) -> Any:
    if node is None:
        return None
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, pointer, file)
    if id(node) in above:
        raise ContractError(file, pointer, "an alias inside its own anchor")
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, join(pointer, i), file, above) for i, item in enumerate(node.value)]
    members: dict[str, Any] = {}
    for key, held in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ContractError(file, pointer, "a key that is no text")
        place = join(pointer, key.value)
        if key.value in members:
            line = key.start_mark.line + 1
            raise ContractError(file, place, f"the same key twice (line {line})")
        members[key.value] = _value(held, place, file, above)
    return members


def _scalar(node: yaml.ScalarNode, pointer: str, file: str) -> Any:
    convert = _SCALARS.get(node.tag)
    if convert is None:
        raise ContractError(file, pointer, f"a YAML tag that JSON does not have: {node.tag}")
    try:
        return convert(node.value)
    except ValueError as error:
        raise ContractError(file, pointer, str(error)) from error
