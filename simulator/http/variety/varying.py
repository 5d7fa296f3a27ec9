"""Varies one reply: walks through it and its schema, and draws at every place what to change.

What is drawn at a place depends on the seed and the place alone. A change that the contract does
not allow after all is taken back, and with it whatever else stands in its way.
"""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

from contracts import Contract, Operation
from contracts.pointers import join
from simulator.core import jsontext
from simulator.http.validation import Schemas
from simulator.http.variety import edges
from simulator.http.variety.shapes import Pointers, Shape, Shapes

_JSON = "application/json"
_SHARE = 0.4
_DRAWINGS = 8
"""How often is drawn anew where nothing was to be changed."""
_ATTEMPTS = 12
_LARGEST_LIST = 200
_MOST_VALUES = 5000


class Varied(NamedTuple):
    """A varied body as JSON text, and the edges that it has: their kinds by pointer."""

    content: bytes
    edges: Mapping[str, str]


class Varier:
    """Varies the replies of one operation."""

    def __init__(
        self,
        contract: Contract,
        operation: Operation,
        formats: Mapping[str, Callable[[str], bool]],
    ) -> None:
        self._operation = operation
        self._shapes = Shapes(Schemas(contract, formats))

    def varied(
        self, status: int, body: Any, seed: str, known: frozenset[str] = frozenset()
    ) -> Varied | None:
        """A reply's body at its edges; None if the contract says nothing of such a reply.

        `known` are texts that the client asked for: what has one stays. Of a reply that made
        something, whatever identifies it stays too.
        """
        pointer = self._pointer(status)
        try:
            if pointer is None or not self._shapes.judge(pointer).is_valid(body):
                return None
            return self._varied(pointer, body, seed, known)
        except ValueError:  # a lone surrogate, or nested deeper than the judge goes
            return None

    def _varied(self, pointer: str, body: Any, seed: str, known: frozenset[str]) -> Varied:
        keeps_ids = self._operation.method not in ("GET", "HEAD")
        for drawing in range(_DRAWINGS):
            held: set[str] = set()
            for _ in range(_ATTEMPTS):
                drawn = f"{seed}\0{drawing}"
                walk = _Walk(self._shapes, drawn, known, held, keeps_ids=keeps_ids)
                value = walk.vary(body, (pointer,), "", "")
                errors = self._shapes.judge(pointer).iter_errors(value)
                places = [join("", *error.instance_path) for error in errors]
                if not places and walk.edges:
                    return Varied(_written(value, Random(seed)), walk.edges)
                if not walk.edges:
                    break
                held |= _guilty(walk.edges, places)
        return Varied(_written(body, Random(seed)), {})

    def _pointer(self, status: int) -> str | None:
        """Where the contract has the schema of a JSON reply with this status."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if (spec := self._operation.replies.get(name)) is not None:
                media = spec.content.get(_JSON)
                return None if media is None else media.pointer
        return None


class _Walk:
    """One walk through a reply; `edges` is what it changed, `held` what it must leave."""

    def __init__(
        self, shapes: Shapes, seed: str, known: frozenset[str], held: set[str], *, keeps_ids: bool
    ) -> None:
        self.edges: dict[str, str] = {}
        self._shapes = shapes
        self._seed = seed
        self._known = known
        self._held = held
        self._keeps_ids = keeps_ids
        self._values = 0

    def vary(self, value: Any, pointers: Pointers, name: str, at: str) -> Any:
        """A value with its edges; `name` is what it is called, `at` where it stands."""
        self._values += 1
        if not pointers or self._values > _MOST_VALUES:
            return value
        shape = self._shapes.of(pointers, value)
        random = Random(f"{self._seed}\0{at}")
        if isinstance(value, dict):
            return self._object(value, shape, at, random)
        if isinstance(value, list):
            return self._list(value, shape, name, at, random)
        is_chosen = random.random() < _SHARE
        if isinstance(value, str) and edges.is_free_text(name, value, shape):
            choices = edges.texts(value, shape)
        elif isinstance(value, int | float) and edges.is_free_number(name, value, shape):
            is_whole = not self._shapes.take(pointers, 0.5) and not self._shapes.take(pointers, 1.5)
            choices = [("bound", number) for number in edges.numbers(shape, is_whole=is_whole)]
        else:
            return value
        choices = [choice for choice in choices if self._shapes.take(pointers, choice[1])]
        if not is_chosen or not choices or at in self._held:
            return value
        return self._note(at, *random.choice(choices))

    def _object(self, value: dict[str, Any], shape: Shape, at: str, random: Random) -> Any:
        required = shape.required
        found: dict[str, Any] = {}
        for name, member in value.items():
            place = join(at, name)
            pointers = shape.member(name)
            choice = self._loss(member, pointers, name, place, is_required=name in required)
            if choice == "null":
                found[name] = self._note(place, choice, None)
            elif choice == "absent":
                self.edges[place] = choice
            else:
                found[name] = self.vary(member, pointers, name, place)
        if shape.is_open and random.random() < _SHARE:
            name, extra = edges.unannounced(random)
            place = join(at, name)
            if name not in value and not shape.member(name) and place not in self._held:
                found[name] = self._note(place, "extra", extra)
        if random.random() < _SHARE / 2:
            members = list(found.items())
            random.shuffle(members)
            found = dict(members)
        return found

    def _loss(
        self, member: Any, pointers: Pointers, name: str, place: str, *, is_required: bool
    ) -> str:
        """Whether a member becomes `absent` or `null`; empty if it stays."""
        random = Random(f"{self._seed}\0{place}\0loss")
        if random.random() >= _SHARE or place in self._held or self._carries(member, name):
            return ""
        choices = [] if is_required else ["absent"]
        if member is not None and pointers and self._shapes.take(pointers, None):
            choices.append("null")
        return random.choice(choices) if choices else ""

    def _list(self, value: list[Any], shape: Shape, name: str, at: str, random: Random) -> Any:
        most = shape.bound("maxItems")
        length = min(_LARGEST_LIST, _LARGEST_LIST if most is None else most)
        choices = []
        if value and not shape.bound("minItems") and not self._carries(value, name):
            choices.append("empty-list")
        if value and length > len(value) and not shape.says("uniqueItems", "prefixItems"):
            choices.append("large-list")
        if choices and at not in self._held and random.random() < _SHARE:
            choice = random.choice(choices)
            if choice == "empty-list":
                return self._note(at, choice, [])
            self.edges[at] = choice
            value = [value[number % len(value)] for number in range(length)]
        pointers = shape.item()
        return [
            self.vary(item, pointers, name, join(at, number)) for number, item in enumerate(value)
        ]

    def _carries(self, value: Any, name: str) -> bool:
        """Whether a value has in it what the client needs to go on."""
        if isinstance(value, dict):
            return any(self._carries(member, key) for key, member in value.items())
        if isinstance(value, list):
            return any(self._carries(item, name) for item in value)
        if self._keeps_ids and value is not None and edges.is_identifying(name):
            return True
        return isinstance(value, str) and value in self._known

    def _note(self, at: str, kind: str, value: Any) -> Any:
        self.edges[at] = kind
        return value


def _guilty(changed: Mapping[str, str], places: list[str]) -> set[str]:
    """The changes to take back: those where the errors are, else half of those below them."""
    found = {at for at in changed for place in places if place == at or place.startswith(f"{at}/")}
    if found:
        return found
    below = [at for at in changed if any(at.startswith(f"{place}/") for place in places)]
    below = sorted(below or changed)
    return set(below[: (len(below) + 1) // 2])


def _written(value: Any, random: Random) -> bytes:
    """A JSON text in one of the ways in which servers write it."""
    way = random.randrange(3)
    if way == 1:
        return json.dumps(value, separators=(",", ":")).encode()
    if way == 2:
        return json.dumps(value, indent=2).replace("\n", "\r\n").encode()
    return jsontext.dumps(value)
