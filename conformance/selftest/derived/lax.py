"""Lax readers: each takes for right what it can read as right, in one field and in one way."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import orjson

from conformance.judge import Judge
from conformance.reading import Reading
from conformance.schemas import ALL, Node, nodes, types
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Fault, Memory, Reply
from contracts import Contract, Operation

_REFUSALS: Final = frozenset({400, 422})
_LONGEST: Final = 200_000
_LARGEST: Final = 2**53 - 1
_GONE: Final = object()
_DROPPING: Final = ("null", "empty")
_DIGITS: Final = re.compile(r"-?\d+")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?\Z")
_FLAGS: Final = {"true": True, "false": False}

Read = Callable[[Any], Any]
"""What a lax reader makes of a value; the value itself if it has no opinion, `_GONE` to drop it."""


def faults(contract: Contract, operation: Operation) -> Iterator[Fault]:
    """Yield one fault for every field of a request and every way to be lax about it."""
    seen: set[str] = set()
    needed = _needed(contract, operation)
    for node, is_text in _nodes(contract, operation):
        for how, sentence, read in _ways(node, is_text=is_text):
            name = f"{operation.id}.lax.{node.name}.{how}"
            if name in seen or (how in _DROPPING and node.path in needed):
                continue
            seen.add(name)
            change = _lax(contract, operation, node, read)
            yield Fault(name, operation.id, f"{sentence} in {node.name}", change, "request")


def _needed(contract: Contract, operation: Operation) -> set[tuple[str, ...]]:
    """Return the places that cannot be left out: what is required, and items."""
    found: set[tuple[str, ...]] = set()
    found |= {(each.name,) for each in operation.parameters if each.required}
    if operation.body is not None:
        for node in nodes(contract.document, operation.body.pointer):
            found |= {(*node.path, name) for name in node.schema.get("required", ())}
            found |= {node.path} if node.path and node.path[-1] == ALL else set()
    return found


def _nodes(contract: Contract, operation: Operation) -> Iterator[tuple[Node, bool]]:
    for parameter in operation.parameters:
        if parameter.location == "query":
            for node in nodes(contract.document, parameter.pointer, (parameter.name,)):
                yield node, True
    if operation.body is not None:
        for node in nodes(contract.document, operation.body.pointer):
            if node.path:
                yield node, False


def _ways(node: Node, *, is_text: bool) -> Iterator[tuple[str, str, Read]]:
    schema, named = node.schema, types(node.schema)
    if is_text:
        if named & {"integer", "number"}:
            yield "parsed", "reads a number up to what is none", _parsed
    else:
        yield from _of_types(schema, named)
        if named and "null" not in named:
            yield "null", "takes null for nothing", _given(lambda v: v is None, lambda v: _GONE)
    options = [each for each in schema.get("enum", ()) if isinstance(each, str)]
    if options:
        yield from _of_options(options)
    yield from _of_bounds(schema, named)
    yield from _of_forms(schema)


def _of_types(schema: dict[str, Any], named: frozenset[str]) -> Iterator[tuple[str, str, Read]]:
    if named & {"integer", "number"} and "string" not in named:
        yield "text", "reads text as a number", _given(_is_digits, float)
    if named & {"integer", "number"} and "enum" not in schema and schema.get("minimum", 1) <= 1:
        yield "flag", "reads a boolean as a number", _given(_is_flag, int)
    if "integer" in named and "number" not in named and "enum" not in schema:
        yield "fraction", "cuts a fraction off", _given(_is_fraction, math.trunc)
    if "boolean" in named:
        yield "text", "reads text as a boolean", _given(_is_text, lambda v: _FLAGS.get(v, v))
        yield "number", "reads a number as a boolean", _given(_is_number, bool)
    is_free = not {"enum", "format", "pattern"} & schema.keys()
    if "string" in named and is_free and not named & {"integer", "number"}:
        yield "number", "reads a number as text", _given(_is_number, str)
    if named and not named & {"array", "object"}:
        yield "list", "reads a list of one as what is in it", _given(_is_one, lambda v: v[0])
    if "array" in named:
        yield "alone", "reads a lone value as a list", _given(_is_alone, lambda v: [v])
    if "object" in named:
        if not schema.get("required"):
            yield "list", "reads an empty list as an object", _given(_is_empty, lambda v: {})
        yield "text", "reads text as an object", _given(_is_text, _object_of)


def _of_options(options: list[str]) -> Iterator[tuple[str, str, Read]]:
    folded = {each.casefold(): each for each in options}
    first = options[0]
    yield "case", "minds no letter case", _on_text(lambda v: folded.get(v.casefold(), v))
    yield "blanks", "minds no blanks", _on_text(str.strip)
    yield (
        "part",
        "takes the beginning of an option",
        _on_text(lambda v: next((each for each in options if v and each.startswith(v)), v)),
    )
    if "" not in options:
        yield "empty", "takes an empty text for nothing", _given(lambda v: v == "", lambda v: _GONE)
    yield "any", "takes any text for an option", _on_text(lambda v: v if v in options else first)


def _of_bounds(schema: dict[str, Any], named: frozenset[str]) -> Iterator[tuple[str, str, Read]]:
    step = schema.get("multipleOf", 1 if "integer" in named else 0.5)
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None:
        yield (
            "below",
            "is off by one below the minimum",
            _given(lambda v: least - step <= _number(v, least) < least, lambda v: type(v)(least)),
        )
    if most is not None and abs(most) < _LARGEST:
        yield (
            "above",
            "is off by one above the maximum",
            _given(lambda v: most < _number(v, most) <= most + step, lambda v: type(v)(most)),
        )
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    if shortest:
        yield (
            "shorter",
            "takes one character too few",
            _on_text(lambda v: v + "x" if len(v) == shortest - 1 else v),
        )
    if longest is not None:
        yield (
            "longer",
            "takes one character too many",
            _on_text(lambda v: v[:-1] if len(v) == longest + 1 else v),
        )


def _of_forms(schema: dict[str, Any]) -> Iterator[tuple[str, str, Read]]:
    if schema.get("format") == "uri":
        yield (
            "scheme",
            "wants no scheme",
            _on_text(lambda v: f"https://{v}" if re.match(r"[\w.-]+\.\w+/", v) else v),
        )
    if schema.get("format") == "uuid":
        yield "digit", "counts no digits", _on_text(lambda v: f"{v}0" if len(v) == 35 else v)


def _lax(contract: Contract, operation: Operation, node: Node, read: Read) -> Change:
    judges: list[Judge] = []

    def run(reading: Reading, memory: Memory) -> Reply | None:
        if reading.operation is None or reading.operation.id != operation.id:
            return None
        if reading.status not in _REFUSALS or len(reading.exchange.request_body) > _LONGEST:
            return None
        if not reading.is_invalid or not _is_about(reading, node):
            return None
        changed = _read_so(reading, node, read)
        if changed is None:
            return None
        if not judges:
            judges.append(Judge(contract))
        is_taken = Reading(changed, tuple(judges)).is_valid
        return memory.successes.get(operation.id) if is_taken else None

    return run


def _is_about(reading: Reading, node: Node) -> bool:
    """Whether a request is wrong in this field, or in what it holds."""
    mine = node.subject
    subjects = (violation.subject for found in reading.faults for violation in found)
    return any(each.startswith(mine) or mine.startswith(f"{each}.") for each in subjects)


def _read_so(reading: Reading, node: Node, read: Read) -> Any:
    """Return the exchange as a lax reader has it, None if it reads nothing else."""
    body = reading.request.value
    whole: Any = body if isinstance(body, dict) else dict(reading.query)
    whole, changed = copy.deepcopy(whole), False
    for holder, key in c.places(whole, node.path):
        value = read(holder[key])
        if value is _GONE and isinstance(holder, dict):
            del holder[key]
        elif value is _GONE or (type(value) is type(holder[key]) and value == holder[key]):
            continue
        else:
            holder[key] = value
        changed = True
    if not changed:
        return None
    if isinstance(body, dict):
        return replace(reading.exchange, request_body=orjson.dumps(whole))
    parts = urlsplit(reading.exchange.url)
    return replace(reading.exchange, url=urlunsplit(parts._replace(query=urlencode(whole))))


def _given(fits: Callable[[Any], bool], do: Read) -> Read:
    return lambda value: do(value) if fits(value) else value


def _on_text(do: Callable[[str], Any]) -> Read:
    return _given(_is_text, do)


def _parsed(value: Any) -> Any:
    found = _DIGITS.match(str(value))
    return found.group() if found else value


def _object_of(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and bool(_NUMBER.match(value))


def _number(value: Any, other: float) -> float:
    """Return a value, or the text of a query, as a number; another one if it is none."""
    if _is_digits(value):
        return float(value)
    return float(value) if _is_number(value) else other


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_fraction(value: Any) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _is_one(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1


def _is_empty(value: Any) -> bool:
    return isinstance(value, list) and not value


def _is_alone(value: Any) -> bool:
    return value is not None and not isinstance(value, list)
