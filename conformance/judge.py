"""Reads requests and replies against one contract, with the `jsonschema` library as judge.

The stand-in uses another validator, so one reader's bug cannot excuse itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, unquote

from conformance import formats
from contracts import Contract, Operation, ReplySpec

_INTEGER: Final = re.compile(r"[+-]?\d+\Z")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z")
_BOOLEANS: Final = {"true": True, "false": False}
AMBIGUOUS: Final = "ambiguous"


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value breaks its schema.

    `location` is `body`, `query`, `path` or `reply`; `subject` the dotted name of what is broken,
    array indexes as `[]` (`operations[].type`); `keyword` the schema word.
    """

    location: str
    subject: str
    keyword: str
    message: str


class Judge:
    """One contract, able to find an exchange's operation and to judge bodies and parameters."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._validators: dict[str, Any] = {}
        self._routes = [
            (operation, re.compile(_pattern(operation.path)), operation.path.count("{"))
            for operation in contract.operations
        ]
        self._routes.sort(key=lambda route: route[2])

    @cached_property
    def _registry(self) -> Any:
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        resource = DRAFT202012.create_resource(self.contract.document)
        registry: Any = Registry()
        return registry.with_resource("urn:oas", resource)

    @cached_property
    def _formats(self) -> Any:
        return formats.checker()

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation of a method and path with its path values, None if undeclared."""
        for operation, pattern, _ in self._routes:
            if operation.method == method and (found := pattern.fullmatch(path)):
                return operation, {k: unquote(v) for k, v in found.groupdict().items()}
        return None

    def methods(self, path: str) -> frozenset[str]:
        """Return the methods of a concrete path, of literal paths first; empty if unknown."""
        found = [(op, count) for op, pattern, count in self._routes if pattern.fullmatch(path)]
        fewest = min((count for _, count in found), default=0)
        return frozenset(op.method for op, count in found if count == fewest)

    def violations(self, value: Any, pointer: str, location: str) -> tuple[Violation, ...]:
        """Return how a value breaks the schema at a pointer of the contract's document."""
        return tuple(
            Violation(location, subject, str(error.validator), error.message[:300])
            for error in self._validator(pointer).iter_errors(value)
            for subject in _subjects(error)
        )

    def parameter_violations(
        self, operation: Operation, query: Mapping[str, str], path: Mapping[str, str]
    ) -> tuple[Violation, ...]:
        """Return how query and path values break an operation's parameters.

        Text that one reader of numbers takes and another does not yields keyword `ambiguous`.
        """
        found: list[Violation] = []
        places = {"query": query, "path": path}
        for parameter in operation.parameters:
            if parameter.location not in places:
                continue
            given = places[parameter.location]
            location, name = parameter.location, parameter.name
            if name not in given:
                if parameter.required:
                    found.append(Violation(location, name, "required", f"{name} is missing"))
                continue
            value, doubt = _coerced(given[name], parameter.schema)
            if doubt:
                found.append(Violation(location, name, AMBIGUOUS, ""))
                continue
            found += [
                Violation(location, name, each.keyword, each.message)
                for each in self.violations(value, parameter.pointer, location)
            ]
        return tuple(found)

    def reply_spec(self, operation: Operation, status: int) -> ReplySpec | None:
        """Return what the contract declares for a status: exactly, by class, or by default."""
        replies = operation.replies
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in replies:
                return replies[key]
        return None

    def _validator(self, pointer: str) -> Any:
        if pointer not in self._validators:
            from jsonschema import Draft202012Validator

            schema = {"$ref": "urn:oas#" + quote(pointer, safe="/~")}
            self._validators[pointer] = Draft202012Validator(
                schema, registry=self._registry, format_checker=self._formats
            )
        return self._validators[pointer]


def _pattern(path: str) -> str:
    parts = re.split(r"\{([^}]*)\}", path)
    return "".join(
        f"(?P<{re.sub(r'[^A-Za-z0-9_]', '_', part)}>[^/]+)" if index % 2 else re.escape(part)
        for index, part in enumerate(parts)
    )


def _subjects(error: Any) -> Iterable[str]:
    """Yield what an error is about: each missing member, each member too many, or the value."""
    path = list(error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        message = error.message
        named = [name for name in missing if message.startswith(repr(name))]
        yield from (dotted([*path, name]) for name in (named or missing[:1]))
    else:
        yield dotted(path)


def dotted(path: Iterable[Any]) -> str:
    """Return the name of a place in a body: members joined by dots, indexes as `[]`."""
    text = ""
    for part in path:
        text += "[]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def is_more_than_text(schema: Mapping[str, Any]) -> bool:
    """Whether a header's schema refuses any text at all."""
    return "pattern" in schema or "enum" in schema or "string" not in (_types(schema) or {"string"})


def fits_header(value: str, schema: Mapping[str, Any]) -> bool:
    """Whether a header's value, read as its schema wants it, fits that schema."""
    from jsonschema import Draft202012Validator

    read, doubt = _coerced(value.strip(), schema)
    return doubt or bool(Draft202012Validator(dict(schema)).is_valid(read))


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    given = schema.get("type", ())
    return frozenset((given,) if isinstance(given, str) else given)


def _coerced(text: str, schema: Mapping[str, Any]) -> tuple[Any, bool]:
    """Return the value of a parameter's text, and whether readers of text may differ on it."""
    types = _types(schema)
    if "boolean" in types:
        known = text.lower() in _BOOLEANS or text in ("0", "1", "")
        return _BOOLEANS.get(text, text), known and text not in _BOOLEANS
    if "integer" in types or "number" in types:
        if _INTEGER.match(text) and len(text) < 16:
            return int(text), not re.match(r"-?(0|[1-9]\d*)\Z", text)
        if _NUMBER.match(text):
            number = float(text)
            return number, number.is_integer() or ("number" not in types and not text.strip())
        return text, _like_a_number(text)
    return text, False


def _like_a_number(text: str) -> bool:
    """Whether some reader (JavaScript's `Number`) takes a text for a number."""
    try:
        float(text.strip() or "0")
    except ValueError:
        return bool(re.match(r"\s*0[xXoObB][0-9a-fA-F]+\s*\Z", text))
    return text.strip().lower() not in ("nan", "inf", "-inf", "+inf")
