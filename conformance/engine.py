"""One run: identify the target, drive it, judge it. The command and the library call this."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import httpx

from conformance import profiles
from conformance.budget import Budget
from conformance.drivers import ALL, STATELESS, WINDOWS
from conformance.drivers.requests import right
from conformance.evidence import Evidence
from conformance.failures import Kept
from conformance.guard import Guard, Policy, Tags
from conformance.judge import Judge
from conformance.judging import Conditions, judge
from conformance.log import ExchangeLog
from conformance.model import Tier
from conformance.options import Options
from conformance.probe import Probe
from conformance.profile import Profile
from conformance.result import Result, Spent
from conformance.rules import rules_for
from conformance.selection import select
from conformance.session import Session
from conformance.setting import Setting
from conformance.target import HEALTH_PATH, BadTarget, Identity, Target, identity
from contracts import Contract, load

Progress = Callable[[str, int, int], None]
ORDER: Final = (
    "credentials",
    "methods",
    "validation",
    "malformed",
    "lifecycle",
    "modes",
    "positive",
    "generator",
)


class Run:
    """A run against one target and provider; `prepare`, then `drive`, then `conclude`.

    `conclude` may be called whenever: an interrupted run is judged by what it has.
    """

    def __init__(
        self, target: Target, options: Options, *, progress: Progress | None = None
    ) -> None:
        self.target = target
        self.options = options
        self.log = ExchangeLog()
        self.budget = Budget(options.max_jobs, options.max_cost)
        self.identity = Identity()
        self.unreachable = ""
        self.notes: list[str] = []
        self.progress: Progress = progress or (lambda driver, done, total: None)
        self.tick: Callable[[], None] = lambda: None
        self._began = time.monotonic()
        self.profile: Profile = profiles.load(options.provider)
        self._session: Session | None = None
        self.replayed = False
        self._look_again: Callable[[], None] = lambda: None
        self._transport = _transport(target)
        self._learn()

    def _learn(self) -> None:
        keys = self.target.keys
        self.log.redactor.learn(keys.first, "first")
        self.log.redactor.learn(keys.second, "second")

    def identify(self) -> Identity:
        """Ask the target who it is; raises BadTarget if nothing answers at all."""
        contracts = (load(self.options.provider),)
        guard = self._guard(contracts, Tier.FREE, Identity())
        request = httpx.Request("GET", self.target.base_url + HEALTH_PATH)
        request.extensions["timeout"] = httpx.Timeout(
            self.options.reply_seconds, connect=5.0
        ).as_dict()
        request.extensions["understudy.tags"] = Tags(driver="health", probe="health")
        try:
            response = guard.handle_request(request)
        except httpx.TransportError as error:
            raise BadTarget(f"{self.target.base_url}: {error}") from error
        try:
            self.identity = identity(response.json()) if response.status_code == 200 else Identity()
        except (ValueError, RecursionError):
            self.identity = Identity()
        return self.identity

    def prepare(self) -> None:
        """Decide tier, dialect, rules and drivers from the options and the target's identity."""
        by_itself = Tier.FUZZ if self.identity.is_understudy else Tier.FREE
        self.tier: Tier = by_itself if self.options.tier is None else self.options.tier
        self.contracts = self._contracts()
        judges = tuple(Judge(contract) for contract in self.contracts)
        self.operations = self._operations()
        self.rules = select(rules_for(self.contracts, self.profile), self.options.only)
        if not self.rules:
            raise BadTarget(f"no rule is named by --only {' '.join(self.options.only)}")
        wanted = {driver for rule in self.rules for driver in (rule.drivers or ALL)}
        self.setting = Setting(
            judges=judges,
            profile=self.profile,
            tier=self.tier,
            operations=self._driven_operations(),
            has_second_key=bool(self.target.keys.second),
            is_understudy=self.identity.is_understudy,
            trigger=self._trigger(),
            media=self.options.media,
            seed=self.options.seed,
            max_examples=self.options.max_examples,
            max_seconds=self.options.max_seconds,
            has_windows=WINDOWS in wanted,
        )
        self.drivers = tuple(driver for driver in ORDER if driver in wanted)

    def drive(self) -> None:
        """Send everything; returns early when the session has to stop."""
        session = self.open()
        self._discover(session)
        total = len(self.drivers)
        for done, driver in enumerate(self.drivers):
            self.progress(driver, done, total)
            if session.is_over():
                break
            self._drive(driver, session)
        if not session.is_over():
            self._look_again()
        self.progress("", total, total)
        if waited := session.patience.waited_seconds:
            self.notes.append(f"waited {waited:.0f} s because of 429 replies with Retry-After")
        if session.why_stopped and "stopped answering" in session.why_stopped:
            self.unreachable = session.why_stopped
        elif session.why_stopped:
            self.notes.append(session.why_stopped)

    def _discover(self, session: Session) -> None:
        """Ask the target for what differs from target to target."""
        driven = {operation.id for operation in self.setting.chosen()}
        if "lifecycle" in self.drivers:
            from conformance.drivers import lifecycle

            # A journey is made for what is read off it, too: its creation may be no chosen one.
            driven |= {journey.operation for journey in lifecycle.journeys(self.setting)}
        for discovery in self.profile.discoveries:
            there = self.operations is None or discovery.operation in self.operations
            if not there or not driven & discovery.used_by:
                continue
            operation = self.contracts[0].operation(discovery.operation)
            probe = right(self.setting, operation, "discovery", "discovery")
            found = session.send(probe)
            value = discovery.find(found.reply.value) if found and found.is_success else ""
            if value and value != discovery.stands_for:
                session.substitutions[discovery.stands_for] = value

    def _drive(self, driver: str, session: Session) -> None:
        if driver in STATELESS:
            session.send_all(self.probes(driver))
        elif driver == "lifecycle":
            from conformance.drivers import lifecycle

            self._look_again = lifecycle.run(session, self.setting)
        elif self.tier is Tier.FUZZ and self.options.generator:
            from conformance.drivers import generator

            try:
                generator.run(session, self.setting)
            except Exception as error:
                # Its own errors must not cost the run what the other drivers found.
                words = f"{type(error).__name__}: {error}"
                self.notes.append(f"the generator broke off: {' '.join(words.split())[:300]}")

    def probes(self, driver: str) -> list[Probe]:
        """Return a stateless driver's probes that this run's tier allows."""
        tier = self.setting.tier
        return [probe for probe in STATELESS[driver](self.setting) if probe.tier <= tier]

    def interrupt(self, why: str) -> None:
        """Make the drivers stop; what is in the log is judged."""
        if self._session is not None:
            self._session.why_stopped = why
        self.notes.append(why)

    def conclude(self) -> Result:
        """Judge the log and return the result."""
        evidence = Evidence(self.log, self.contracts, self.profile)
        results = judge(self.rules, evidence, self._conditions())
        if self.options.shrink and self._session is not None and not self.unreachable:
            from conformance.shrinking import shrunk

            results = shrunk(results, self._session, self.setting)
        spent = Spent(self.budget.jobs, self.budget.cost, self.budget.unpriced, len(self.log))
        return Result(
            provider=self.options.provider,
            target=self.target.base_url,
            contracts=self.contracts,
            dialect=self.options.dialect or self.identity.dialect or "either",
            identity=self.identity,
            tier=self.setting.tier,
            options=self.options,
            results=results,
            log=self.log,
            spent=spent,
            seconds=time.monotonic() - self._began,
            notes=tuple(self.notes),
            unreachable=self.unreachable,
            keyless=not self.target.keys.first,
        )

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def _conditions(self) -> Conditions:
        has = {"media"} if self.options.media else set()
        if self.target.keys.second:
            has.add("second-key")
        if self.setting.trigger is not None:
            has.add("failure-trigger")
        if self.options.generator:
            has.add("generator")
        if self.identity.is_understudy:
            has.add("understudy")
        return Conditions(
            tier=self.setting.tier,
            has=frozenset(has),
            is_understudy=self.identity.is_understudy,
            strict=self.options.strict,
            operations=self.operations,
            starved=frozenset(self._session.guard.starved if self._session else ()),
            unreachable=self.unreachable,
            deviations=self.options.deviations,
            partial=self.replayed,
        )

    def replay(self, kept: Kept) -> None:
        """Send kept failures again instead of driving."""
        from conformance.replaying import replay

        self.replayed = True
        replay(self.open(), self.setting, kept)

    def _contracts(self) -> tuple[Contract, ...]:
        """Return the contract(s) to judge by: one dialect, or both where none is excluded."""
        provider = self.options.provider
        named = self.options.dialect or self.identity.dialect
        if named in ("documented", "live"):
            return (load(provider, "live" if named == "live" else "documented"),)
        documented, live = load(provider), load(provider, "live")
        return (documented,) if documented.digest == live.digest else (documented, live)

    def _operations(self) -> frozenset[str] | None:
        """Return the operationIds that the target implements; raises BadTarget for unknown ones."""
        if not self.options.operations:
            return None
        contract = self.contracts[0]
        names = {op.id: op.id for op in contract.operations}
        names |= {f"{op.method} {op.path}": op.id for op in contract.operations}
        unknown = [each for each in self.options.operations if each not in names]
        if unknown:
            raise BadTarget(f"no such operation of {contract.name}: {', '.join(unknown)}")
        return frozenset(names[each] for each in self.options.operations)

    def _driven_operations(self) -> frozenset[str] | None:
        """Return the operations that the chosen rules are about, None if some rule is about all."""
        touched = {rule.operation for rule in self.rules}
        if None in touched:
            return self.operations
        found = frozenset(each for each in touched if each is not None)
        return found if self.operations is None else found & self.operations

    def _trigger(self) -> tuple[str, str] | None:
        if self.options.trigger is None and self.identity.is_understudy:
            return "", "[understudy:fail]"
        return self.options.trigger

    def _guard(self, contracts: tuple[Contract, ...], tier: Tier, who: Identity) -> Guard:
        judges = tuple(Judge(contract) for contract in contracts)
        policy = Policy(tier, who.is_understudy, self.options.reply_seconds)
        return Guard(
            self._transport, self.target, self.log, judges, self.profile, self.budget, policy
        )

    def open(self) -> Session:
        """Return the run's session, opened when it is first asked for."""
        if self._session is not None:
            return self._session
        guard = self._guard(self.contracts, self.setting.tier, self.identity)
        deadline = self._began + self.options.max_seconds if self.options.max_seconds else None
        self._session = Session(
            self.target,
            guard,
            self.log,
            self.setting.judges,
            self.profile,
            workers=self.options.workers,
            wait_seconds=self.options.wait_seconds,
            deadline=deadline,
            tick=lambda driver: self.tick(),
        )
        return self._session


def _transport(target: Target) -> httpx.BaseTransport:
    if target.app is not None:
        from conformance.inprocess import AppTransport

        return AppTransport(target.app)
    return httpx.HTTPTransport(limits=httpx.Limits(max_connections=32))
