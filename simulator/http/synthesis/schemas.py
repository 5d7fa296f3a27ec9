"""JSON Schema to a function that generates values; compiled once, closures all the way down.

Sees types, bounds, enumerations, formats, simple patterns, compositions and recursion. What it does
not see (`not`, `if`, exclusiveness of `oneOf`), the caller checks.
"""

from collections.abc import Callable
from random import Random
from typing import Any, Final, TypeAlias

from contracts import lookup, target, walk_pointer
from simulator.http.synthesis import numbers, texts
from simulator.http.synthesis.merging import Impossible, merged

Generate: TypeAlias = Callable[[Random, int], Any]

_SHALLOW: Final = 6
_DEEPEST: Final = 24
_OPTIONAL_SHARE: Final = 0.8
_NULL_SHARE: Final = 0.1
_MOST_ITEMS: Final = 3
_ANNOTATIONS: Final = frozenset({"$ref", "description", "title", "x-source", "x-provenance"})
_OBJECT_WORDS: Final = ("properties", "required", "additionalProperties", "minProperties")
_TYPE_OF_WORD: Final = {
    **dict.fromkeys(_OBJECT_WORDS, "object"),
    **dict.fromkeys(("items", "minItems", "maxItems", "prefixItems", "uniqueItems"), "array"),
    **dict.fromkeys(("pattern", "format", "minLength", "maxLength"), "string"),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), "number"),
}


class TooDeep(Exception):
    """A recursive schema did not come to an end."""


class Compiler:
    """Compiles the schemas of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._compiled: dict[tuple[str, str], Generate] = {}
        self._open: set[tuple[str, str]] = set()

    def at(self, pointer: str, name: str = "") -> Generate:
        """Return the generator of the schema at a pointer; `name` is what its value is called."""
        _, pointer = lookup(self._document, pointer)
        schema = walk_pointer(self._document, pointer)
        return self._once((pointer, name), lambda: self.schema(schema, name))

    def schema(self, schema: Any, name: str = "") -> Generate:
        """Return the generator of a schema; raises `Impossible` for one that nothing meets."""
        if schema is False:
            raise Impossible(name)
        if schema is True:
            schema = {}
        if "$ref" in schema and schema.keys() <= _ANNOTATIONS:
            return self.at(target(schema["$ref"]), name)
        if "$ref" in schema or "allOf" in schema:
            return self._once((str(schema), name), lambda: self._whole(schema, name))
        return self._whole(schema, name)

    def _once(self, key: tuple[str, str], compiled: Callable[[], Generate]) -> Generate:
        """Compile a schema once; where it contains itself, refer to what it will become."""
        if key in self._compiled:
            return self._compiled[key]
        if key in self._open:
            return lambda random, depth: self._compiled[key](random, depth)
        self._open.add(key)
        try:
            self._compiled[key] = compiled()
        finally:
            self._open.discard(key)
        return self._compiled[key]

    def _whole(self, schema: dict[str, Any], name: str) -> Generate:
        whole = merged(self._document, schema)
        if whole.get("not") in ({}, True):
            raise Impossible(name)
        for word in ("oneOf", "anyOf"):
            if word in whole:
                rest = {key: value for key, value in whole.items() if key != word}
                branches = _apart(whole[word]) if word == "oneOf" else whole[word]
                return self._one_of([{"allOf": [rest, branch]} for branch in branches], name)
        if "const" in whole:
            return _choice([whole["const"]])
        if "enum" in whole:
            return _choice(whole["enum"])
        return self._typed(whole, name)

    def _one_of(self, branches: list[dict[str, Any]], name: str) -> Generate:
        """Return a generator that takes a branch, seldom null; the shortest ones when deep."""
        choices: list[Generate] = []
        shortest: list[Generate] = []
        is_nullable = False
        for branch in sorted(branches, key=lambda branch: len(str(branch))):
            try:
                if merged(self._document, branch).get("type") == "null":
                    is_nullable = True
                    continue
                choices.append(self.schema(branch, name))
            except Impossible:
                continue
            if "$ref" not in str(branch):
                shortest.append(choices[-1])
        if not choices:
            if is_nullable:
                return _choice([None])
            raise Impossible(name)

        def generate(random: Random, depth: int) -> Any:
            pool = shortest or choices if depth > _SHALLOW else choices
            return random.choice(pool)(random, depth + 1)

        return _nullable(generate) if is_nullable else generate

    def _typed(self, schema: dict[str, Any], name: str) -> Generate:
        declared = schema.get("type")
        types = [declared] if isinstance(declared, str) else list(declared or _implied(schema))
        makers = [self._of_type(kind, schema, name) for kind in types if kind != "null"]
        if not makers:
            return _choice([None])
        if len(makers) == 1:
            (generate,) = makers
        else:

            def generate(random: Random, depth: int) -> Any:
                return random.choice(makers)(random, depth)

        return _nullable(generate) if "null" in types else generate

    def _of_type(self, kind: str, schema: dict[str, Any], name: str) -> Generate:
        if kind == "object":
            return self._object(schema, name)
        if kind == "array":
            return self._array(schema, name)
        shown = _shown(kind, schema)
        if shown and not ("pattern" in schema or "format" in schema):
            return _choice(shown)
        if kind == "boolean":
            return lambda random, depth: random.random() < 0.5
        leaf = (
            texts.compiled(schema, name)
            if kind == "string"
            else numbers.compiled(schema, name, is_whole=kind == "integer")
        )
        if "default" in schema and _is_of(kind, schema["default"]):
            default = schema["default"]
            return lambda random, depth: default if random.random() < 0.5 else leaf(random)
        return lambda random, depth: leaf(random)

    def _object(self, schema: dict[str, Any], name: str) -> Generate:
        required = set(schema.get("required", ()))
        members: list[tuple[str, bool, Generate]] = []
        for key, held in schema.get("properties", {}).items():
            is_old = isinstance(held, dict) and held.get("deprecated") is True
            if is_old and key not in required:
                continue
            try:
                members.append((key, key in required, self.schema(held, key)))
            except Impossible:
                if key in required:
                    raise
        others = schema.get("additionalProperties", True)
        declared = {key for key, _, _ in members}
        undeclared = [key for key in schema.get("required", ()) if key not in declared]
        members += [(key, True, self.schema(others, key)) for key in undeclared]
        fewest = schema.get("minProperties", 0)
        is_map = not members and isinstance(others, dict) and others
        extra = self.schema(others, name) if is_map or (fewest and others is not False) else None

        def generate(random: Random, depth: int) -> Any:
            if depth > _DEEPEST:
                raise TooDeep
            value = {
                key: make(random, depth + 1)
                for key, is_required, make in members
                if is_required or (depth < _SHALLOW and random.random() < _OPTIONAL_SHARE)
            }
            if extra is not None:
                wanted = max(fewest, random.randint(1, _MOST_ITEMS) if is_map else 0)
                while len(value) < wanted:
                    value[texts.word(random, len(value))] = extra(random, depth + 1)
            return value

        return generate

    def _array(self, schema: dict[str, Any], name: str) -> Generate:
        first = [self.schema(item, name) for item in schema.get("prefixItems", ())]
        fewest = schema.get("minItems", 0)
        most = schema.get("maxItems", max(fewest, len(first) + _MOST_ITEMS))
        others = schema.get("items", True)
        item: Generate | None = None
        if others is not False and most > len(first):
            item = self.schema(others, texts.singular(name))
        is_unique = schema.get("uniqueItems") is True

        def generate(random: Random, depth: int) -> Any:
            if depth > _DEEPEST:
                raise TooDeep
            value = [make(random, depth + 1) for make in first[:most]]
            if item is None:
                return value
            wanted = fewest
            if depth < _SHALLOW:
                wanted = random.randint(max(fewest, min(1, most)), min(most, fewest + _MOST_ITEMS))
            for _ in range(4 * wanted):
                if len(value) >= wanted:
                    break
                made = item(random, depth + 1)
                if not is_unique or made not in value:
                    value.append(made)
            return value

        return generate


def _apart(branches: list[Any]) -> list[Any]:
    """Return branches that differ in what they require only, each without the others' members."""
    if not all(isinstance(branch, dict) and branch.keys() == {"required"} for branch in branches):
        return branches
    every = {key for branch in branches for key in branch["required"]}
    return [
        {**branch, "properties": dict.fromkeys(sorted(every - {*branch["required"]}), False)}
        for branch in branches
    ]


def _choice(values: list[Any]) -> Generate:
    """Return a generator that takes one of the values, null only seldom."""
    solid = [value for value in values if value is not None]
    if not solid:
        return lambda random, depth: None
    if len(solid) == 1:
        (only,) = solid
        pick: Generate = lambda random, depth: only  # noqa: E731 (one of two closures)
    else:
        pick = lambda random, depth: random.choice(solid)  # noqa: E731
    return pick if len(solid) == len(values) else _nullable(pick)


def _nullable(generate: Generate) -> Generate:
    def nullable(random: Random, depth: int) -> Any:
        if depth > _SHALLOW or random.random() < _NULL_SHARE:
            return None
        return generate(random, depth)

    return nullable


def _implied(schema: dict[str, Any]) -> list[str]:
    """Return the type that the other words of a schema speak of; text if they speak of none."""
    kinds = dict.fromkeys(_TYPE_OF_WORD[word] for word in schema if word in _TYPE_OF_WORD)
    return list(kinds)[:1] or ["string"]


def _shown(kind: str, schema: dict[str, Any]) -> list[Any]:
    """Return the examples of a schema that are of a type."""
    examples = schema.get("examples")
    found = list(examples) if isinstance(examples, list) else []
    if "example" in schema:
        found.append(schema["example"])
    return [example for example in found if _is_of(kind, example)]


def _is_of(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, str):
        return kind == "string"
    if isinstance(value, int):
        return kind in ("integer", "number")
    return isinstance(value, float) and kind == "number"
