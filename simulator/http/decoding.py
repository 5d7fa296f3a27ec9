"""Query text to values, as the contract's types and its way of coercion say.

What cannot be converted stays text, so that the validator refuses it with the right words.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from contracts import Operation

QueryReader: TypeAlias = Mapping[str, Callable[[str], Any] | None]
"""How the text of each parameter becomes a value; None: it is one of an array of texts."""

_PLAIN = re.compile(rb"\w+=[\w.-]*", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_JS_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_JS_RADIX = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_JS_SPACE = " \t\n\r\v\f\u00a0\ufeff\u2028\u2029"


def query_pairs(query_string: bytes) -> list[tuple[str, str]]:
    """Split a query string; invalid UTF-8 is replaced, blank values are kept."""
    if not query_string:
        return []
    if _PLAIN.fullmatch(query_string):
        name, _, value = query_string.decode().partition("=")
        return [(name, value)]
    try:
        return parse_qsl(
            query_string.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000
        )
    except ValueError:
        return []


def reader_of(operation: Operation) -> QueryReader:
    """What reads the query parameters that an operation declares, by their names."""
    return {
        parameter.name: None
        if _type(parameter.schema) == "array"
        else _converter(_type(parameter.schema), operation.coercion)
        for parameter in operation.parameters
        if parameter.location == "query"
    }


def decoded_query(reader: QueryReader, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The declared query parameters that were sent, converted; of repeated ones the first."""
    values: dict[str, Any] = {}
    for name, text in pairs:
        if name not in reader:
            continue
        convert = reader[name]
        if convert is None:
            values.setdefault(name, []).append(text)
        elif name not in values:
            values[name] = convert(text)
    return values


def query_as_body(schema: Mapping[str, Any], pairs: list[tuple[str, str]], body: Any) -> Any:
    """Merge query parameters named like body fields into a body object; the body wins."""
    properties = schema.get("properties", {})
    sent = {
        name: _converter(_type(properties[name]), "openapi")(text)
        for name, text in pairs
        if name in properties
    }
    return {**sent, **body} if isinstance(body, dict) else body


def _converter(kind: str, coercion: str) -> Callable[[str], Any]:
    """How a text becomes a value of a type."""
    if kind == "boolean":
        return _boolean
    if kind not in ("integer", "number"):
        return str
    if coercion == "javascript":
        return _javascript_number
    return _integer if kind == "integer" else _number


def _boolean(text: str) -> Any:
    return text == "true" if text in ("true", "false") else text


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> Any:
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _javascript_number(text: str) -> Any:
    """As `Number()` would have it."""
    trimmed = text.strip(_JS_SPACE)
    if not trimmed:
        return 0
    if _JS_RADIX.fullmatch(trimmed):
        whole = int(trimmed, 0)
        return whole if whole < 2**63 else text
    if _JS_DECIMAL.fullmatch(trimmed) and math.isfinite(number := float(trimmed)):
        return int(number) if number.is_integer() and abs(number) < 2**63 else number
    return text


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "")
    if isinstance(kind, list):
        kind = next((item for item in kind if item != "null"), "")
    return str(kind)
