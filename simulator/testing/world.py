"""One test's own world: a tenant with its clock, credits, runs, scenarios and journal."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote

from simulator.remote import ControlError, ControlPlane
from simulator.testing.requests import Requests
from simulator.testing.runs import Runs
from simulator.testing.scenarios import Scenario, Scenarios, match_of
from simulator.testing.transport import InProcess
from simulator.testing.vendor import Amount, Vendor
from simulator.testing.world_clock import WorldClock

Pace = Literal["clock", "now", "polls"]
Variety = Literal["none", "high"]


class World:
    """One tenant of a stand-in. As a context manager it is deleted at the end.

    `clock`, `runs` and `requests` are its time, its generations and what was asked of it. May be
    used from any thread; each call is one short request to the control plane.
    """

    def __init__(
        self,
        told: Mapping[str, Any],
        control: ControlPlane,
        origin: Callable[[], str],
        transport: Callable[[], InProcess],
    ) -> None:
        self.name: str = told["name"]
        self.seed: str = told["seed"]
        self._control = control
        self._path = path = f"/tenants/{quote(self.name, safe='')}"
        self._origin = origin
        self._transport = transport
        self._vendors = {
            name: Vendor(name, tuple(keys), origin, control, self.name)
            for name, keys in told["keys"].items()
        }
        self.clock = WorldClock(control, path)
        self.runs = Runs(control, path)
        self.requests = Requests(control, path, self.name)
        self.scenarios = Scenarios(control, path)

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.delete()

    def __repr__(self) -> str:
        return f"World({self.name!r})"

    @property
    def url(self) -> str:
        """The origin of the stand-in; each provider has its own base URL there."""
        return self._origin()

    @property
    def transport(self) -> InProcess:
        """For `httpx.Client` and `httpx.AsyncClient`: the same stand-in without a socket.

        Raises `RuntimeError` if the stand-in is another process.
        """
        return self._transport()

    @property
    def recoup(self) -> Vendor:
        """Recoup."""
        return self.provider("recoup")

    @property
    def nanogpt(self) -> Vendor:
        """NanoGPT."""
        return self.provider("nanogpt")

    @property
    def leonardo(self) -> Vendor:
        """Leonardo."""
        return self.provider("leonardo")

    def provider(self, name: str) -> Vendor:
        """A provider by name; raises `LookupError` for one that is not served."""
        if name not in self._vendors:
            raise LookupError(f"{name!r} is not served; there are: {', '.join(self._vendors)}")
        return self._vendors[name]

    def scenario(
        self, name_or_definition: str | Mapping[str, Any], *, times: int | None = None, **match: Any
    ) -> Scenario:
        """Put a scenario in force, before all others: one of the library by name, or one's own.

        `match` narrows it: provider, operation, account, body, query, nth, first, calls, chance,
        after, for_, per. `times` is how often it applies at most.
        """
        return self.scenarios.use(name_or_definition, match_of(match), times)

    def fail_next(
        self,
        what: str | None = None,
        error: str = "server_error",
        *,
        times: int = 1,
        retry_after: str | int | None = None,
        fault: str | Mapping[str, Any] | None = None,
        **data: Any,
    ) -> Scenario:
        """Fail the next call, or so many, with a core error in the provider's own words.

        `what` is a provider, an operation, or both (`nanogpt.createVideo`); any call without it.
        `fault` breaks the exchange on the wire instead. `data` are members of the error.
        """
        give: dict[str, Any] = {"error": error}
        if retry_after is not None:
            give["retry_after"] = retry_after
        if data:
            give["data"] = data
        if fault is not None:
            give = {"fault": fault}
        definition = {"name": "fail-next", "match": self._target(what), "give": give}
        return self.scenarios.use(definition, {}, times)

    def credits(self, provider: str, amount: Amount | None = None, account: int = 1) -> Decimal:
        """Set what an account can spend, in the provider's unit, or read it."""
        return self.provider(provider).credits(amount, account)

    def pace(self, pace: Pace | None = None, provider: str | None = None) -> Mapping[str, Pace]:
        """Set how new runs get on, at one provider or at all; answers each provider's pace."""
        if pace is None:
            told = self._control.ask("GET", f"{self._path}/pace")
        else:
            body = {"pace": pace} if provider is None else {"pace": pace, "provider": provider}
            told = self._control.ask("PUT", f"{self._path}/pace", body)
        paces: Mapping[str, Pace] = told["providers"]
        return paces

    def variety(
        self, variety: Variety | None = None, provider: str | None = None
    ) -> Mapping[str, Variety]:
        """Have replies drawn at the edges of their contract (`high`), or as ever (`none`).

        At one provider or at all; answers each provider's variety.
        """
        if variety is None:
            told = self._control.ask("GET", f"{self._path}/variety")
        else:
            body = {"variety": variety} | ({} if provider is None else {"provider": provider})
            told = self._control.ask("PUT", f"{self._path}/variety", body)
        varieties: Mapping[str, Variety] = told["providers"]
        return varieties

    def diagnosis(self, exchange_id: str) -> Mapping[str, Any]:
        """Everything about one exchange; its id stands in the reply's `Understudy-Exchange`."""
        told: Mapping[str, Any] = self._control.ask(
            "GET", f"/exchanges/{quote(exchange_id, safe='')}"
        )
        return told

    def reset(self) -> None:
        """Begin again with the same seed and keys."""
        self._control.ask("POST", f"{self._path}/reset")

    def delete(self) -> None:
        """Delete the tenant and everything in it, if it is still there."""
        try:
            self._control.ask("DELETE", self._path)
        except ControlError as error:
            if error.status != 404:
                raise

    def _target(self, what: str | None) -> dict[str, str]:
        """The calls that a text means."""
        if what is None:
            return {}
        if what in self._vendors:
            return {"provider": what}
        provider, _, operation = what.rpartition(".")
        return {"operation": operation} | ({"provider": provider} if provider else {})
