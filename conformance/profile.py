"""What the suite must know of a provider beyond its contract: money, lifecycles, inputs.

One `Profile` a provider stands in `conformance/profiles/<name>.py`. It is data and small pure
functions; rules stand in `conformance/rules/<name>.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from conformance.journal import Journal
from conformance.model import Tier
from conformance.probe import Probe
from conformance.reading import Reading
from contracts import Contract

Json = Any
Choices = Mapping[str, tuple[tuple[Json, Mapping[str, Json]], ...]]


class Ask(Protocol):
    """Sends a journey's own probes."""

    @property
    def trigger(self) -> tuple[str, str] | None:
        """The field ("" for the usual one) and the text that make a job fail, if known."""

    @property
    def media(self) -> bool:
        """Whether files are looked at."""

    def __call__(self, probe: Probe) -> Reading | None:
        """Send a probe; returns None if nothing came."""

    def follow(self, probe: Probe, has_ended: Callable[[Reading], bool]) -> Reading | None:
        """Send a probe until its reply shows an end; returns that, None if time is up before."""

    def fetch(self, url: str) -> None:
        """Fetch a file that a run has made, as step `media`."""


@dataclass(frozen=True, slots=True)
class Creation:
    """An operation that can start billable jobs.

    `jobs` says at worst how many a request body starts, `ids` which ones a reply names, `price`
    the USD of one job by body (None: unknown, counts as unbounded).
    """

    operation: str
    jobs: Callable[[Json], int] = lambda body: 1
    ids: Callable[[Json], tuple[str, ...]] = lambda answer: ()
    price: Callable[[Json], float | None] = lambda body: None


@dataclass(frozen=True, slots=True)
class Read:
    """One way to read a run: an operation and its parameters (query, path or body) for an id.

    `status`, `media` and `error` take a reply body; status "" where it has none for that id.
    """

    operation: str
    parameters: Callable[[str, Json], Mapping[str, str]]
    status: Callable[[Json], str]
    media: Callable[[Json], tuple[str, ...]] = lambda answer: ()
    error: Callable[[Json], object] = lambda answer: None


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked at around a run, while nothing else that this suite started is under way.

    `looks` are sent before the creation, once it is answered, and once the run has ended, until
    `is_settled` says of the journey so far that nothing is outstanding; then `idle`, which has to
    change nothing, and `looks` once more. Steps: `before`, `charged`, `settled`, `idle` and `left`,
    each with `:<probe>`.
    """

    looks: tuple[Probe, ...]
    idle: tuple[Probe, ...]
    is_settled: Callable[[Journal], bool]


@dataclass(frozen=True, slots=True)
class Journey:
    """A lifecycle: create with `body`, poll by `reads[0]`, then read through all `reads`.

    `working` lists legal statuses in their order; of `completed` and `failed` none is left again.
    `swaps` are working statuses between which a run may go to and fro. `fails` marks the journey
    whose prompt carries the failure trigger (`prompt` names the field of the body for it).
    `delete` is the operation that removes the run, if any. `foreign` are the statuses that another
    account's key gets for every read (empty: no source says). `has_media` and `has_error` say
    whether a completed run must show media, a failed one a reason. A blocking operation has no
    `reads`; its media stand in the reply (`media`). `then` yields further probes for an ended run
    and the reply that created it; their steps are `then:<probe>`. `feeds` names operations whose
    rules read off this journey, beside its own and those of `reads`.
    `prepare` asks for what has to be there first and returns the body to create with (None: the
    journey ends there); `before` are the operations and bodies of jobs that this starts at worst.
    `window` makes the run by itself, before the other journeys, if some rule asks for windows.
    `misses` names fields whose near misses are made of this journey's body, once it was accepted;
    those of the others, of the first journey of an operation that is hard to succeed.
    """

    name: str
    operation: str
    body: Json
    reads: tuple[Read, ...] = ()
    working: tuple[str, ...] = ()
    completed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    fails: bool = False
    prompt: str = "prompt"
    media: Callable[[Json], tuple[str, ...]] = lambda answer: ()
    delete: str = ""
    tier: Tier = Tier.PAID
    swaps: frozenset[str] = frozenset()
    foreign: frozenset[int] = frozenset()
    has_media: bool = True
    has_error: bool = True
    then: Callable[[str, Json], Iterable[Probe]] = lambda identity, answer: ()
    feeds: frozenset[str] = frozenset()
    prepare: Callable[[Ask], Json] | None = None
    before: tuple[tuple[str, Json], ...] = ()
    window: Window | None = None
    misses: frozenset[str] = frozenset()

    @property
    def terminal(self) -> frozenset[str]:
        """Every status that a run never leaves."""
        return self.completed | self.failed


@dataclass(frozen=True, slots=True)
class Discovery:
    """A value that differs from target to target: a read that costs nothing tells it.

    Wherever the profile or the contract's examples write `stands_for`, requests carry what `find`
    takes from the reply of `operation`; an empty text leaves it as it is. It is asked for only if
    one of `used_by` is driven.
    """

    operation: str
    stands_for: str
    find: Callable[[Json], str]
    used_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider as the suite drives it.

    `bodies` gives a valid request body per operation where the contract's first example is not
    good enough, `parameters` valid query and path values per operation (those of examples else).
    `harmless` are writing operations that bill nothing. `refused` are the statuses of a refused
    credential. `exclusive` tells that sending two credentials at once is refused. `probes` yields
    further requests of the provider's own. `hard_to_succeed` are operations whose success needs
    what a target may not have (an id of a run); nothing but a lifecycle calls them rightly.
    `refuses_valid` gives statuses by which a documented rule outside the schema refuses
    schema-valid data, per operation; `skipped_checks` are generator checks that the provider's
    facts contradict. `wraps` tells that a lone value may stand for a list of one. `ruled` names
    the fields of each operation whose schema-valid values a rule outside the schema may refuse
    (by model, say); `beside` gives values of such a field with what the rule wants beside each.
    `further` are legal values that no word of a schema names, by operation and a word for what
    they have in common.
    `varied` is a body to put legal values into, where the one of `bodies` or examples does not do.
    `takers` names fields of an operation that not every request takes, each with a body that does,
    None if none is known: elsewhere nobody need read them. `blanks` tells that null or an empty
    text for an optional member may count as none, for no source says that it is refused.
    `unbounded` names fields of an operation whose least value no source gives, `silent_on_null`
    operations of whose fields one source alone tells which may be null.
    """

    name: str
    creations: tuple[Creation, ...]
    harmless: frozenset[str] = frozenset()
    journeys: tuple[Journey, ...] = ()
    bodies: Mapping[str, Json] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    refused: frozenset[int] = frozenset({401})
    exclusive: bool = False
    probes: Callable[[Contract], Iterable[Probe]] = lambda contract: ()
    unknown_path: str = "/api/no-such-path"
    discoveries: tuple[Discovery, ...] = ()
    hard_to_succeed: frozenset[str] = frozenset()
    refuses_valid: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    skipped_checks: frozenset[str] = frozenset()
    wraps: bool = False
    ruled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    beside: Mapping[str, Choices] = field(default_factory=dict)
    further: Mapping[str, Mapping[str, Mapping[str, Json]]] = field(default_factory=dict)
    varied: Mapping[str, Json] = field(default_factory=dict)
    takers: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    blanks: bool = False
    unbounded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    silent_on_null: frozenset[str] = frozenset()

    def creation(self, operation: str) -> Creation | None:
        """Return what an operation can start, None if it bills nothing."""
        return next((each for each in self.creations if each.operation == operation), None)
