"""One schema that says what a schema, its reference and its `allOf` say together."""

from typing import Any, Final

from contracts import lookup, target

_TIGHTER: Final = {
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
}


class Impossible(Exception):
    """No value meets a schema."""


def merged(document: dict[str, Any], schema: Any, above: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a schema without `$ref` and `allOf` at its top; raises `Impossible`.

    Where two parts speak of one member, both hold: bounds and choices are cut to what both allow.
    """
    if schema is True:
        return {}
    if schema is False:
        raise Impossible("false")
    own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
    if "$ref" in schema:
        reference: str = schema["$ref"]
        if reference in above:
            return own
        held, _ = lookup(document, target(reference))
        own = both(merged(document, held, (*above, reference)), own)
    for part in schema.get("allOf", ()):
        own = both(own, merged(document, part, above))
    return own


def both(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that asks for what two schemas (merged ones) ask for."""
    result = dict(left)
    for key, value in right.items():
        result[key] = _both_say(key, left[key], value) if key in left else value
    return result


def _both_say(key: str, left: Any, right: Any) -> Any:
    if left == right:
        return left
    if key in _TIGHTER:
        return _TIGHTER[key](left, right)
    if key == "required":
        return list(dict.fromkeys([*left, *right]))
    if key == "properties":
        return {
            name: {"allOf": [left[name], right[name]]}
            if name in left and name in right
            else left.get(name, right.get(name))
            for name in {**left, **right}
        }
    if key == "type":
        return _common_types(left, right)
    if key == "enum":
        return _kept(left, [value for value in left if value in right])
    if key in ("items", "additionalProperties") and left is not True and right is not True:
        return {"allOf": [left, right]} if left is not False and right is not False else False
    if key in ("oneOf", "anyOf"):
        return [{"allOf": [one, other]} for one in left for other in right]
    return right


def _common_types(left: Any, right: Any) -> Any:
    ours = [left] if isinstance(left, str) else left
    theirs = [right] if isinstance(right, str) else right
    common = [kind for kind in ours if kind in theirs]
    if "integer" in (*ours, *theirs) and "number" in (*ours, *theirs) and "integer" not in common:
        common.append("integer")
    _kept(ours, common)
    return common[0] if len(common) == 1 else common


def _kept(before: list[Any], left_over: list[Any]) -> list[Any]:
    if not left_over:
        raise Impossible(str(before))
    return left_over
