"""Query text to values, as the contract's types and its way of coercion say.

What cannot be converted stays text, so that the validator refuses it with the right words.
"""

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from contracts import Operation, Parameter

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


def decoded_query(operation: Operation, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The declared query parameters that were sent, converted; of repeated ones the first."""
    values: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.location != "query":
            continue
        sent = [value for name, value in pairs if name == parameter.name]
        if not sent:
            continue
        if _type(parameter.schema) == "array":
            values[parameter.name] = sent
        else:
            values[parameter.name] = _converted(sent[0], parameter, operation.coercion)
    return values


def query_as_body(schema: Mapping[str, Any], pairs: list[tuple[str, str]], body: Any) -> Any:
    """Merge query parameters named like body fields into a body object; the body wins."""
    properties = schema.get("properties", {})
    sent = {name: _openapi(text, properties[name]) for name, text in pairs if name in properties}
    return {**sent, **body} if isinstance(body, dict) else body


def _converted(text: str, parameter: Parameter, coercion: str) -> Any:
    if coercion == "javascript":
        return _javascript(text, parameter.schema)
    return _openapi(text, parameter.schema)


def _openapi(text: str, schema: Mapping[str, Any]) -> Any:
    kind = _type(schema)
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _javascript(text: str, schema: Mapping[str, Any]) -> Any:
    """As `Number()` and an exact comparison with "true" and "false" would have it."""
    kind = _type(schema)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind not in ("integer", "number"):
        return text
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
