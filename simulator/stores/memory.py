"""The default store: dictionaries of this process, gone with it.

A transaction is driven to its end without giving way to the event loop, so it needs no lock.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from simulator.core.store import Kind, R, Tx
from simulator.stores.ordered import OrderedIndex

T = TypeVar("T")


class _World:
    """Everything of one tenant."""

    __slots__ = ("counters", "indexes", "records")

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = defaultdict(dict)
        self.indexes: dict[str, OrderedIndex] = defaultdict(OrderedIndex)
        self.counters: dict[str, int] = defaultdict(int)


class _MemoryTx:
    """One transaction: writes go through at once, and are undone if it fails."""

    __slots__ = ("_undo", "_world")

    def __init__(self, world: _World) -> None:
        self._world = world
        self._undo: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    async def get(self, kind: Kind[R], key: str) -> R | None:
        record: R | None = self._world.records[kind.name].get(key)
        return record

    async def put(self, kind: Kind[R], key: str, record: R) -> None:
        records = self._world.records[kind.name]
        before = records.get(key)
        records[key] = record
        if before is None:
            self._undo.append((records.pop, (key, None)))
        else:
            self._undo.append((records.__setitem__, (key, before)))

    async def delete(self, kind: Kind[R], key: str) -> bool:
        records = self._world.records[kind.name]
        before = records.pop(key, None)
        if before is None:
            return False
        self._undo.append((records.__setitem__, (key, before)))
        return True

    async def all(self, kind: Kind[R]) -> list[R]:
        records = self._world.records[kind.name]
        return [records[key] for key in sorted(records)]

    async def index_add(self, index: str, score: int, member: str) -> None:
        entries = self._world.indexes[index]
        entry = (score, member)
        if entries.add(entry):
            self._undo.append((entries.discard, (entry,)))

    async def index_remove(self, index: str, score: int, member: str) -> None:
        entries = self._world.indexes[index]
        entry = (score, member)
        if entries.discard(entry):
            self._undo.append((entries.add, (entry,)))

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
        entries = self._world.indexes.get(index)
        if entries is None or (high is not None and entries.starts_after(high)):
            return []
        start, stop = entries.between(low, high)
        if newest_first:
            stop = max(start, stop - offset)
            start = start if limit is None else max(start, stop - limit)
            return entries.slice(start, stop)[::-1]
        start = min(stop, start + offset)
        stop = stop if limit is None else min(stop, start + limit)
        return entries.slice(start, stop)

    async def increment(self, counter: str, by: int = 1) -> int:
        counters = self._world.counters
        before = counters[counter]
        counters[counter] = before + by
        self._undo.append((counters.__setitem__, (counter, before)))
        return before

    def undo(self) -> None:
        """Take every write back, the last one first."""
        for action, arguments in reversed(self._undo):
            action(*arguments)


class MemoryStore:
    """A `Store` in this process's memory."""

    def __init__(self) -> None:
        self._worlds: dict[str, _World] = defaultdict(_World)

    async def read(self, tenant: str, kind: Kind[R], key: str) -> R | None:
        """Read one record outside of any transaction."""
        record: R | None = self._worlds[tenant].records[kind.name].get(key)
        return record

    async def transact(self, tenant: str, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` to its end; see `core.store.Store.transact`."""
        tx = _MemoryTx(self._worlds[tenant])
        coroutine: Any = work(tx)
        try:
            coroutine.send(None)
        except StopIteration as stop:
            made: T = stop.value
            return made
        except BaseException:
            tx.undo()
            raise
        try:
            coroutine.close()
        finally:
            tx.undo()
        raise RuntimeError("a transaction awaited something other than its store")

    async def forget(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        self._worlds.pop(tenant, None)

    async def close(self) -> None:
        """Do nothing: memory needs no closing."""
