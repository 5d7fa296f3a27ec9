"""One provider in a world: what a client of it is configured with."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote

import contracts
from simulator.remote import ControlPlane

Amount = int | float | str | Decimal


class Vendor:
    """A provider as one tenant's two accounts see it."""

    def __init__(
        self,
        name: str,
        keys: tuple[str, ...],
        origin: Callable[[], str],
        control: ControlPlane,
        tenant: str,
    ) -> None:
        self.name = name
        self.keys = keys
        self._origin = origin
        self._control = control
        self._tenant = tenant
        self._accounts = f"/tenants/{quote(tenant, safe='')}/accounts"

    @property
    def url(self) -> str:
        """The base URL, with the path that the vendor's own has."""
        return self._origin() + contracts.load(self.name).base_path

    @property
    def key(self) -> str:
        """The key of the first account."""
        return self.keys[0]

    @property
    def second_key(self) -> str:
        """The key of the second account, which must not see what belongs to the first."""
        return self.keys[1]

    def env(self, account: int = 1) -> dict[str, str]:
        """The variables that this provider's clients read, for one of the accounts."""
        from simulator.app import installed_providers

        provider = installed_providers((self.name,))[self.name]
        given = {"url": self.url, "key": self.keys[account - 1]}
        return {name: text.format(**given) for name, text in provider.environment.items()}

    def headers(self, account: int = 1) -> dict[str, str]:
        """The credential of one of the accounts, and the tenant for what takes no credential."""
        name, before = _credential(self.name)
        return {name: before + self.keys[account - 1], "understudy-tenant": self._tenant}

    def credits(self, amount: Amount | None = None, account: int = 1) -> Decimal:
        """Set what an account can spend, in the vendor's unit, or read it.

        Credits that were set are not topped up.
        """
        told = self._account(account)
        if amount is not None:
            change = {"credits": f"{Decimal(str(amount)):f}"}
            told = self._changed(told, change)
        return Decimal(told["credits"])

    def limits(self, limits: Any = None, *, concurrency: Any = None, account: int = 1) -> None:
        """Set rate limits and how many runs may be at work: `off`, `vendor` or a list of one's own.

        A limit is `{"name": "burst", "count": 2, "window": "10s"}`, without a window where it is
        runs at work that are counted.
        """
        change = {"limits": limits, "concurrency": concurrency}
        given = {name: value for name, value in change.items() if value is not None}
        self._changed(self._account(account), given)

    def add_key(self, account: int = 1) -> str:
        """Give an account another key."""
        path = f"{self._path(self._account(account))}/keys"
        return str(self._control.ask("POST", path, {})["key"])

    def revoke_key(self, key: str, account: int = 1) -> None:
        """Have the provider refuse a key from now on."""
        path = self._path(self._account(account))
        self._control.ask("DELETE", f"{path}/keys/{quote(key, safe='')}")

    def account_id(self, account: int = 1) -> str:
        """The id of one of the accounts."""
        return str(self._account(account)["id"])

    def _account(self, number: int) -> Mapping[str, Any]:
        told = self._control.ask("GET", self._accounts, provider=self.name)["accounts"]
        name = f"account {number}"
        found: list[Mapping[str, Any]] = [item for item in told if item["name"] == name]
        if not found:
            raise LookupError(f"{self.name} has no {name} here; there are {len(told)}")
        return found[0]

    def _changed(self, account: Mapping[str, Any], change: Mapping[str, Any]) -> Mapping[str, Any]:
        told: Mapping[str, Any] = self._control.ask("PATCH", self._path(account), change)
        return told

    def _path(self, account: Mapping[str, Any]) -> str:
        return f"{self._accounts}/{quote(account['id'], safe='')}"


@cache
def _credential(name: str) -> tuple[str, str]:
    """The header that carries a key, and what stands before it."""
    schemes = contracts.load(name).document["components"]["securitySchemes"]
    scheme = next(iter(schemes.values()))
    if scheme["type"] == "apiKey":
        return str(scheme["name"]), ""
    return "authorization", "Bearer "
