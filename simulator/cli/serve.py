"""`understudy serve`: its flags, the sockets it binds, and uvicorn until a signal."""

import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from contracts import Contract, ContractError
from simulator.cli.flags import settings_of
from simulator.cli.presentation import Introduction, introduction
from simulator.core.clock import FASTEST
from simulator.core.scenarios import ScenarioError
from simulator.settings import Settings

_Command = Callable[..., None]

_LAST_PORT = 65535
_PATIENCE_S = 1
"""How long a stop waits for calls that block."""

_NO_CONTROL = (
    "The control plane is off, for other machines may reach this port; --control-key KEY opens it."
)

_LARGEST_CACHE_MB = 1024 * 1024
_LONGEST_STAGE_S = 365 * 24 * 3600


def _flag(name: str, help_text: str, **options: Any) -> Callable[[_Command], _Command]:
    """A flag that is also read from `UNDERSTUDY_<NAME>`."""
    variable = "UNDERSTUDY_" + name.lstrip("-").replace("-", "_").upper()
    return click.option(name, envvar=variable, show_envvar=True, help=help_text, **options)


@click.command()
@_flag("--host", "Address to listen on.", default="127.0.0.1", show_default=True)
@_flag(
    "--port",
    "Port to listen on; 0 takes a free one.",
    type=click.IntRange(0, _LAST_PORT),
    default=8400,
    show_default=True,
)
@_flag(
    "--port-per-provider",
    "Give each provider a port of its own, counting up from --port.",
    is_flag=True,
)
@_flag(
    "--only",
    "Serve this provider alone (repeat for more, or separate them by commas).",
    multiple=True,
    metavar="NAME",
)
@_flag(
    "--dialect",
    "What the vendors document, or what they were observed to do.",
    type=click.Choice(["documented", "live"]),
    default="documented",
    show_default=True,
)
@_flag("--seed", "Equal seeds make equal worlds.", default="understudy", show_default=True)
@_flag(
    "--speed",
    "How fast runs progress: 10 is ten times faster.",
    type=click.FloatRange(min=0, max=FASTEST, min_open=True),
    default=1.0,
    show_default=True,
)
@_flag(
    "--pace",
    "How runs get on: by the clock, at once, or a step with each poll.",
    type=click.Choice(["clock", "now", "polls"]),
    default="clock",
    show_default=True,
)
@_flag(
    "--stage-seconds",
    "Length of every stage of a run, instead of the built-in ones.",
    type=click.FloatRange(min=0, max=_LONGEST_STAGE_S),
    default=None,
)
@_flag(
    "--keys",
    "YAML or JSON file with keys in place of the demo keys: {provider: [key, key]}.",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
)
@_flag("--any-key", "Also accept any well-formed key, and open an account for it.", is_flag=True)
@_flag(
    "--limits",
    "Count the vendors' rate limits, or not.",
    type=click.Choice(["off", "vendor"]),
    default="off",
    show_default=True,
)
@_flag(
    "--public-url",
    "Origin of links in replies, instead of the request's own host.",
    default="",
    metavar="URL",
)
@_flag(
    "--switch",
    "Decide where sources disagree, e.g. nanogpt.failed-error=object (repeat for "
    "more; `understudy providers` lists them).",
    multiple=True,
    metavar="NAME.SWITCH=CHOICE",
)
@_flag("--no-media", "Serve the same small files instead of rendering any.", is_flag=True)
@_flag(
    "--media-cache-mb",
    "How much of rendered files to keep, in MiB.",
    type=click.IntRange(1, _LARGEST_CACHE_MB),
    default=512,
    show_default=True,
)
@_flag("--fetch-inputs", "Fetch the pictures and films that requests link to.", is_flag=True)
@_flag(
    "--fetch-allow",
    "Host, address or network to fetch from though it is private (repeat for more).",
    multiple=True,
    metavar="HOST|CIDR",
)
@_flag(
    "--control-key",
    "What the control plane demands; without one it is there on loopback only.",
    default="",
    metavar="KEY",
)
@_flag(
    "--scenarios",
    "File or folder of scenarios in YAML, to be had by name (repeat for more).",
    type=click.Path(exists=True),
    multiple=True,
    metavar="PATH",
)
@_flag(
    "--webhook-allow",
    "Host, address or network to send webhooks to, beside this machine (repeat for more).",
    multiple=True,
    metavar="HOST|CIDR",
)
@_flag("--reload", "Restart when a source file or a contract changes.", is_flag=True)
@_flag("--json", "Print one line of JSON when ready, and nothing else.", is_flag=True)
def serve(**flags: Any) -> None:
    """Run the stand-in until it is interrupted."""
    try:
        settings = settings_of(flags)
        if flags["reload"]:
            _serve_reloading(flags)
        else:
            _serve(settings, flags)
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except (ContractError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def reloaded_app() -> Any:
    """The app of a reloading server: its settings come from the environment alone."""
    from simulator.app import create_app

    flags = json.loads(os.environ["UNDERSTUDY_RELOAD_FLAGS"])
    flags["keys"] = Path(flags["keys"]) if flags["keys"] else None
    return create_app(settings_of(flags))


def _serve(settings: Settings, flags: Mapping[str, Any]) -> None:
    import uvicorn

    from simulator.app import create_apps
    from simulator.http.protocol import Protocol

    apps = create_apps(settings, per_provider=flags["port_per_provider"])
    sockets = [
        _bound(flags["host"], flags["port"] + number if flags["port"] else 0)
        for number in range(len(apps))
    ]
    by_port = {
        bound.getsockname()[1]: app for bound, app in zip(sockets, apps.values(), strict=True)
    }
    app = next(iter(apps.values())) if len(apps) == 1 else _ByPort(by_port)
    origins = {
        name: _origin(flags["host"], bound.getsockname()[1])
        for name, bound in zip(apps, sockets, strict=True)
    }
    config = uvicorn.Config(
        app,
        http=Protocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=_PATIENCE_S,
    )
    logging.getLogger("understudy").addHandler(logging.StreamHandler(sys.stderr))
    server = uvicorn.Server(config)
    loaded = next(iter(apps.values())).state.contracts
    _let_go_when_stopping(server, next(iter(apps.values())).state.house.stop)
    _announce_when_ready(server, lambda: _announce(settings, loaded, origins, flags["json"]))
    _calm_garbage_collector()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    server.run(sockets=sockets)


def _leave(_number: int, _frame: object) -> None:
    """End well: uvicorn repeats the signal that stopped it once everything is put away."""
    sys.exit(0)


def _calm_garbage_collector() -> None:
    """Leave what start-up made alone, and look for cycles seldom: records have none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def _serve_reloading(flags: Mapping[str, Any]) -> None:
    import uvicorn

    from simulator.app import check_scenarios, installed_providers, loaded_contracts

    if flags["port_per_provider"] or flags["port"] == 0:
        raise ValueError("--reload needs one fixed port: no --port-per-provider and no --port 0")
    kept = {**flags, "keys": str(flags["keys"]) if flags["keys"] else None}
    os.environ["UNDERSTUDY_RELOAD_FLAGS"] = json.dumps(kept)
    _bound(flags["host"], flags["port"]).close()
    root = Path(__file__).parents[2]
    settings = settings_of(flags)
    check_scenarios(settings)
    loaded = loaded_contracts(settings, installed_providers(settings.only))
    _announce(settings, loaded, {"": _origin(flags["host"], flags["port"])}, flags["json"])
    uvicorn.run(
        "simulator.cli.serve:reloaded_app",
        factory=True,
        http="simulator.http.protocol:Protocol",
        ws="none",
        host=flags["host"],
        port=flags["port"],
        log_level="warning",
        access_log=False,
        reload=True,
        reload_dirs=[str(root / "simulator"), str(root / "contracts")],
        reload_includes=["*.py", "*.yaml"],
    )


def _bound(host: str, port: int) -> socket.socket:
    """Bind a socket; raises `ValueError` with what to do if the port cannot be had."""
    if port > _LAST_PORT:  # some resolvers would wrap it around
        raise ValueError(f"cannot listen on {host}:{port} (no such port); choose a lower --port")
    try:
        family, *_rest, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(2048)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ValueError(
            f"cannot listen on {host}:{port} ({reason}); "
            "choose another with --port, 0 for a free one"
        ) from None
    return bound


def _announce_when_ready(server: Any, announce: Callable[[], None]) -> None:
    """Have a uvicorn server call `announce` once it accepts connections."""
    startup = server.startup

    async def startup_and_announce(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        if server.started:
            announce()

    server.startup = startup_and_announce


def _let_go_when_stopping(server: Any, let_go: Callable[[], None]) -> None:
    """Have a uvicorn server call `let_go` before it waits for its connections to end."""
    shutdown = server.shutdown

    async def let_go_and_shutdown(sockets: list[socket.socket] | None = None) -> None:
        let_go()
        await shutdown(sockets)

    server.shutdown = let_go_and_shutdown


def _announce(
    settings: Settings, loaded: Mapping[str, Contract], origins: Mapping[str, str], as_json: bool
) -> None:
    """Print where the providers are; `origins` is where the stand-in listens, by provider."""
    from simulator.app import installed_providers

    providers = installed_providers(settings.only)
    introductions = [
        introduction(
            provider,
            loaded[name],
            settings.public_url or origins.get(name) or origins[""],
            (given := settings.keys.get(name, ())) + provider.demo_keys[len(given) :],
        )
        for name, provider in providers.items()
    ]
    bound = list(origins.values())
    url = settings.public_url or bound[0]
    if as_json:
        told = [item.as_json() for item in introductions]
        has_control = _has_control_plane(settings)
        line = {"url": url, "bound": bound, "control_plane": has_control, "providers": told}
        click.echo(json.dumps(line))
    else:
        listens = f", listens on {' '.join(bound)}" if settings.public_url else ""
        click.echo(_banner(url + listens, introductions, settings.dialect))
        if not _has_control_plane(settings):
            click.echo("\n" + _NO_CONTROL)
    if sys.stdout is not None:  # a service may have been started without one
        sys.stdout.flush()


def _has_control_plane(settings: Settings) -> bool:
    if settings.control_key or settings.host == Settings().host:
        return True
    from simulator.control.gate import is_loopback

    return is_loopback(settings.host.lower().strip("[]"))


def _banner(url: str, introductions: list[Introduction], dialect: str) -> str:
    lines = [f"Understudy is ready at {url} (dialect {dialect}; Ctrl-C stops it)"]
    for item in introductions:
        lines += ["", item.title, f"  base URL  {item.url or url}"]
        lines += [f"  key       {item.keys[0]}", f"  second    {item.keys[1]}"]
        lines += [f"  try       {item.curl}"]
    return "\n".join(lines)


class _ByPort:
    """Sends a request to the app of the port it came in on."""

    def __init__(self, apps: Mapping[int, Any]) -> None:
        self._apps = apps

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await next(iter(self._apps.values()))(scope, receive, send)
        else:
            await self._apps[scope["server"][1]](scope, receive, send)


def _origin(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "") else "[::1]" if host == "::" else host
    if ":" in shown and not shown.startswith("["):
        shown = f"[{shown}]"
    return f"http://{shown}:{port}"
