"""The composition root: settings, contracts, providers and a store become one Starlette app."""

import importlib.util
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.routing import Router as StarletteRouter
from starlette.types import ASGIApp, Receive, Scope, Send

import contracts
from contracts import Contract, ContractError
from simulator.control import health
from simulator.core.inputs import Fetch
from simulator.core.store import Store
from simulator.house import House
from simulator.http.exchange import VendorEdge
from simulator.http.router import Router
from simulator.http.serving import router_of
from simulator.later import LateCourier, Later
from simulator.media.studio import Studio
from simulator.provider import Provider
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore

RESERVED = ("/_understudy/", "/_assets/")
"""The paths that belong to the stand-in itself."""

_ASSETS = "/_assets/{rest:path}"


class Understudy(Starlette):
    """A Starlette whose own routes live under two reserved prefixes; the rest is the vendor edge.

    Vendor requests pass the edge's own checks, so they are spared Starlette's search for a route.
    """

    def __init__(self, edge: VendorEdge, **options: Any) -> None:
        super().__init__(**options)
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI connection; a coroutine function, or servers take it for ASGI 2."""
        if scope["type"] == "lifespan" or scope["path"].startswith(RESERVED):
            await super().__call__(scope, receive, send)
        else:
            await self._edge(scope, receive, send)


def create_app(settings: Settings | None = None, store: Store | None = None) -> Starlette:
    """Make a stand-in; raises `ContractError` or `ValueError` (settings) with one line of reason.

    Scenarios with mistakes raise `ScenarioError`, with a line for each.

    The app's `state.house` gives tests and tools its tenants, `state.contracts` what is served.
    """
    return create_apps(settings or Settings(), store)[""]


def create_apps(
    settings: Settings, store: Store | None = None, *, per_provider: bool = False
) -> dict[str, Starlette]:
    """Make one app for all providers (under the name `""`), or one for each, sharing a world.

    Raises as `create_app` does.
    """
    providers = installed_providers(settings.only)
    _check(settings, providers)
    loaded = loaded_contracts(settings, providers)
    house = House(providers, settings, store or MemoryStore(), _fetcher(settings))
    courier = LateCourier(house)
    house.hire(courier)
    if settings.scenarios:
        house.shelf.check()
    studio = Studio(settings.media_cache_bytes) if settings.media else None
    shared = router_of(loaded, providers)  # also proves that no two providers collide
    if not per_provider:
        return {"": _app(house, courier, shared, loaded, studio)}
    return {
        name: _app(house, courier, router_of(loaded, {name: provider}), loaded, studio)
        for name, provider in providers.items()
    }


def _app(
    house: House,
    courier: LateCourier,
    router: Router,
    loaded: Mapping[str, Contract],
    studio: Studio | None,
) -> Starlette:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await house.open()
        opened = studio.opened() if studio else nullcontext()
        async with opened, courier.at_work():
            yield
        await house.tenants.store.close()

    app = Understudy(
        VendorEdge(house, router),
        routes=[
            *health.routes(house),
            Route(_ASSETS, Later(lambda: _files(house, studio))),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: _declined},
    )
    app.router.default = Later(lambda: _control_plane(house))
    app.state.house = house
    app.state.contracts = loaded
    return app


def installed_providers(only: tuple[str, ...] = ()) -> dict[str, Provider]:
    """The providers that have a contract, all or some of them.

    One without a folder in `simulator/providers` is answered from its contract alone.
    Raises `ValueError` for a name that is none.
    """
    known = contracts.names()
    if unknown := set(only) - set(known):
        raise ValueError(
            f"no provider {', '.join(sorted(unknown))!s}; there are: {', '.join(known)}"
        )
    return {name: _installed(name) for name in only or known}


def _installed(name: str) -> Provider:
    module = f"simulator.providers.{name}"
    if importlib.util.find_spec(module) is None:
        from simulator.bare import provider_of

        return provider_of(contracts.load(name))
    provider: Provider = importlib.import_module(module).PROVIDER
    return provider


def loaded_contracts(settings: Settings, providers: dict[str, Provider]) -> dict[str, Contract]:
    """Read the providers' contracts in the chosen dialect and check handlers against them."""
    loaded = {name: contracts.load(name, settings.dialect) for name in providers}
    for name, provider in providers.items():
        declared = {operation.id for operation in loaded[name].operations}
        if surplus := provider.operations - declared:
            line = f"handlers without an operation: {', '.join(sorted(surplus))}"
            raise ContractError(str(contracts.path_of(name)), "/paths", line)
    return loaded


def check_scenarios(settings: Settings) -> None:
    """Read the scenarios of the settings; raises `ScenarioError` with a line for each mistake."""
    if settings.scenarios:
        House({}, settings, MemoryStore()).shelf.check()


def _control_plane(house: House) -> ASGIApp:
    from simulator.control import plane

    return plane.control_plane(house)


def _files(house: House, studio: Studio | None) -> ASGIApp:
    from simulator.http import media, uploads
    from simulator.http.journaling import Journaled

    async def nothing(request: Request) -> Response:
        body = {"error": f"nothing at {request.url.path}", "see": "/_understudy/health"}
        return Response(json.dumps(body), 404, media_type="application/json")

    routes = [*media.routes(house, studio), *uploads.routes(house)]
    router = StarletteRouter([*routes, Route(_ASSETS, nothing)])
    return Journaled(ExceptionMiddleware(router, {HTTPException: _declined}), house)


def _fetcher(settings: Settings) -> Fetch | None:
    """What fetches the files that requests link to, if anything shall."""
    if not settings.fetch_inputs:
        if settings.fetch_allow:
            raise ValueError("--fetch-allow needs --fetch-inputs: nothing is fetched without it")
        return None
    from simulator.http.fetching import Fetcher

    return Fetcher(settings.fetch_allow)


async def _declined(request: Request, error: Exception) -> Response:
    """What Starlette refuses on a path of ours: a method that it is not for."""
    if not isinstance(error, HTTPException):
        raise error
    body = {"error": f"{request.method} is not for {request.url.path[:200]}"}
    headers = error.headers
    return Response(json.dumps(body), error.status_code, headers, media_type="application/json")


def _check(settings: Settings, providers: dict[str, Provider]) -> None:
    if unknown := set(settings.keys) - set(contracts.names()):
        raise ValueError(f"keys for no provider: {', '.join(sorted(unknown))}")
    for name, provider in providers.items():
        keys = settings.keys.get(name, ())
        if malformed := [key for key in keys if not provider.is_key(key)]:
            raise ValueError(f"{malformed[0]!r} has not the form of a key of {provider.title}")
        if len(set(keys)) < len(keys):
            raise ValueError(f"a key of {provider.title} is given twice")
        if settings.control_key and provider.is_key(settings.control_key):
            raise ValueError(f"--control-key has the form of a key of {provider.title}")
    for name, chosen in settings.switches.items():
        if name not in providers:
            served = ", ".join(providers)
            raise ValueError(f"--switch {name}: of no provider served; there are: {served}")
        known = providers[name].switches
        for switch, choice in chosen.items():
            if switch not in known:
                offered = ", ".join(sorted(known)) or "none"
                raise ValueError(f"no switch {name}.{switch}; {name} has: {offered}")
            if choice not in known[switch].choices:
                offered = ", ".join(known[switch].choices)
                raise ValueError(f"{name}.{switch} is one of: {offered}; not {choice!r}")
