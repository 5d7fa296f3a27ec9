"""What a contract says of the values of one reply, place by place: seen through references,
`allOf` and the branches that a value meets. What it does not see, the whole reply's judge does.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from contracts import lookup
from contracts.pointers import join
from simulator.http.validation import Schemas, reference

if TYPE_CHECKING:
    import jsonschema_rs

Pointers: TypeAlias = tuple[str, ...]

_TIGHTEST: Mapping[str, Callable[..., Any]] = {
    "minLength": max,
    "minItems": max,
    "minimum": max,
    "exclusiveMinimum": max,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
    "maximum": min,
    "exclusiveMaximum": min,
}


class Shapes:
    """The schemas of one document, by pointer."""

    def __init__(self, schemas: Schemas) -> None:
        self._document = schemas.document
        self._schemas = schemas
        self._judges: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def judge(self, pointer: str) -> "jsonschema_rs.Draft202012Validator":
        """The validator of the schema at a pointer."""
        if pointer not in self._judges:
            self._judges[pointer] = self._schemas.validator({"$ref": reference(pointer)})
        return self._judges[pointer]

    def take(self, pointers: Pointers, value: Any) -> bool:
        """Whether every schema takes a value."""
        return all(self.judge(pointer).is_valid(value) for pointer in pointers)

    def of(self, pointers: Pointers, value: Any) -> "Shape":
        """All that the schemas at some pointers say of a value."""
        views: list[tuple[str, dict[str, Any]]] = []
        for pointer in pointers:
            self._view(pointer, value, views, frozenset())
        return Shape(views)

    def _view(
        self,
        pointer: str,
        value: Any,
        views: list[tuple[str, dict[str, Any]]],
        above: frozenset[str],
    ) -> None:
        schema, pointer = lookup(self._document, pointer)
        if not isinstance(schema, dict) or pointer in above:
            return
        views.append((pointer, schema))
        above |= {pointer}
        for number in range(len(schema.get("allOf", ()))):
            self._view(join(pointer, "allOf", number), value, views, above)
        for word in ("anyOf", "oneOf"):
            for number in range(len(schema.get(word, ()))):
                branch = join(pointer, word, number)
                if self.judge(branch).is_valid(value):
                    self._view(branch, value, views, above)


class Shape:
    """What several schemas together say of one value."""

    def __init__(self, views: list[tuple[str, dict[str, Any]]]) -> None:
        self._views = views

    def says(self, *words: str) -> bool:
        """Whether any of these words is said."""
        return any(word in schema for _, schema in self._views for word in words)

    def bound(self, word: str) -> Any:
        """The tightest value of a bound; None if there is none."""
        values = [schema[word] for _, schema in self._views if word in schema]
        return _TIGHTEST[word](values) if values else None

    @property
    def required(self) -> frozenset[str]:
        """The members that must be there."""
        return frozenset(name for _, schema in self._views for name in schema.get("required", ()))

    @property
    def is_open(self) -> bool:
        """Whether members that nobody declared may be added."""
        words = ("additionalProperties", "unevaluatedProperties", "propertyNames")
        allowed = [schema[word] for _, schema in self._views for word in words if word in schema]
        return all(value is True or value == {} for value in allowed)

    def member(self, name: str) -> Pointers:
        """The schemas of a declared member."""
        return tuple(
            join(pointer, "properties", name)
            for pointer, schema in self._views
            if name in schema.get("properties", {})
        )

    def item(self) -> Pointers:
        """The schemas of every item of a list that has no special places."""
        if self.says("prefixItems"):
            return ()
        return tuple(
            join(pointer, "items")
            for pointer, schema in self._views
            if isinstance(schema.get("items"), dict)
        )
