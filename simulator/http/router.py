"""From method and path to an operation: literal paths by a dictionary, templated ones after them.

Also knows what else a path would take (`Allow`), which provider an unknown path belongs to, and
which operations are closest to it.
"""

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec

from contracts import ContractError, Operation
from simulator.http.decoding import QueryReader
from simulator.http.replying import Standing
from simulator.http.validation import OperationJudge
from simulator.provider import Handler, Provider


class Served(msgspec.Struct, eq=False):
    """One operation as it is served; `standing` is in the head of every reply of it.

    `handler` is a stand-in for the provider's own until the first call.
    """

    operation: Operation
    provider: Provider
    handler: Handler
    judge: OperationJudge
    query_reader: QueryReader
    body_defaults: Mapping[str, object]
    query_defaults: Mapping[str, object]
    is_open: bool
    takes_credential: bool
    standing: Standing


class Place(msgspec.Struct, eq=False):
    """Everything served under one path; `names` are those of its path parameters."""

    path: str
    provider: Provider
    by_method: dict[str, Served] = {}
    names: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None

    @property
    def allowed(self) -> tuple[str, ...]:
        """The methods of an `Allow` header."""
        methods = set(self.by_method)
        if "GET" in methods and self.provider.head_follows_get:
            methods.add("HEAD")
        if self.provider.preflight is not None:
            methods.add("OPTIONS")
        return tuple(sorted(methods))


class Router:
    """Finds operations; raises `ContractError` if two claim one method and path."""

    def __init__(self, served: Iterable[Served]) -> None:
        self._literal: dict[str, Place] = {}
        self._templated: dict[int, list[Place]] = {}
        self._providers: dict[str, Provider] = {}
        for item in served:
            self._add(item)
        self.literal: Callable[[str], Place | None] = self._literal.get

    def find(self, path: str) -> tuple[Place, Mapping[str, str]] | None:
        """Find the place of a path and the values of its parameters."""
        if (place := self._literal.get(path)) is not None:
            return place, {}
        for place in self._templated.get(path.count("/"), ()):
            if place.pattern is not None and (match := place.pattern.fullmatch(path)):
                return place, dict(zip(place.names, match.groups(), strict=True))
        return None

    def owner(self, path: str) -> Provider | None:
        """The provider that answers for an undeclared path: the longest declared prefix wins."""
        claims = (
            (len(prefix), name)
            for name, provider in self._providers.items()
            for prefix in provider.prefixes
            if path == prefix or path.startswith(prefix.rstrip("/") + "/")
        )
        best = max(claims, default=None)
        return None if best is None else self._providers[best[1]]

    def closest(self, method: str, path: str) -> list[str]:
        """Up to three operations whose method and path look most like what was asked."""
        import difflib

        lines = [
            f"{method_} {place.path}" for place in self.places() for method_ in place.by_method
        ]
        return difflib.get_close_matches(f"{method} {path[:512]}", lines, n=3, cutoff=0.5)

    def places(self) -> list[Place]:
        """Every place, literal ones first."""
        templated = [place for group in self._templated.values() for place in group]
        return [*self._literal.values(), *templated]

    def _add(self, item: Served) -> None:
        path, provider = item.operation.path, item.provider
        self._providers[provider.name] = provider
        names = tuple(re.findall(r"{([^}]+)}", path))
        place = self._place(path, provider, names)
        other = place.by_method.get(item.operation.method)
        if other is not None or place.provider is not provider:
            claimed = f"{item.operation.method} {path} is claimed by {place.provider.name} too"
            raise ContractError(f"{provider.name}/openapi.yaml", item.operation.pointer, claimed)
        place.by_method[item.operation.method] = item

    def _place(self, path: str, provider: Provider, names: tuple[str, ...]) -> Place:
        if not names:
            return self._literal.setdefault(path, Place(path, provider))
        group = self._templated.setdefault(path.count("/"), [])
        source = re.sub(r"\\{[^}]+\\}", "([^/]+)", re.escape(path))
        for place in group:
            if place.pattern is not None and place.pattern.pattern == source:
                return place
        place = Place(path, provider, names=names, pattern=re.compile(source))
        group.append(place)
        return place
