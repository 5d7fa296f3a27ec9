"""The store's protocol: records of a tenant, ordered indexes and counters, changed in transactions.

What a store keeps is a msgspec Struct of a declared `Kind`. Nothing here keeps anything.
"""

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

import msgspec

T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)

GLOBAL = ""
"""The reserved tenant that holds what all tenants share: keys and the tenants themselves."""


class Kind(Generic[R]):
    """A collection of records: its name, the Struct kept in it and that Struct's schema version."""

    __slots__ = ("name", "type", "version")

    def __init__(self, name: str, type: type[R], version: int = 1) -> None:  # noqa: A002
        self.name = name
        self.type = type
        self.version = version


class Tx(Protocol):
    """What a transaction may do, all of it inside one tenant."""

    async def get(self, kind: Kind[R], key: str) -> R | None:
        """Read one record."""

    async def put(self, kind: Kind[R], key: str, record: R) -> None:
        """Write one record, replacing what stood there."""

    async def delete(self, kind: Kind[R], key: str) -> bool:
        """Remove one record; true if it was there."""

    async def all(self, kind: Kind[R]) -> list[R]:
        """Read a small collection, in order of its keys."""

    async def index_add(self, index: str, score: int, member: str) -> None:
        """Put a member into an ordered index."""

    async def index_remove(self, index: str, score: int, member: str) -> None:
        """Take a member out of an ordered index; absent members are ignored."""

    async def index_range(
        self,
        index: str,
        *,
        low: int | None = None,
        high: int | None = None,
        offset: int = 0,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[tuple[int, str]]:
        """Read (score, member) with low <= score <= high, by score, then by member."""

    async def increment(self, counter: str, by: int = 1) -> int:
        """Add to a counter that starts at 0 and answer its value before."""


class Store(Protocol):
    """Where tenants are kept."""

    async def read(self, tenant: str, kind: Kind[R], key: str) -> R | None:
        """Read one record as it stands, outside of any transaction."""

    async def transact(self, tenant: str, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` as one atomic change; an exception undoes all of it.

        `work` awaits nothing but its transaction, and may be run again when another process was
        faster, so it has no effect outside the transaction.
        """

    async def forget(self, tenant: str) -> None:
        """Remove everything of a tenant."""

    async def close(self) -> None:
        """Let go of files and connections."""
