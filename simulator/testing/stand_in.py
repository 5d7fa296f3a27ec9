"""`Understudy()`: a stand-in for unittest and scripts, here in a thread or running elsewhere."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from os import PathLike, fspath
from typing import Any, Literal

from simulator.core.clock import Pace
from simulator.remote import ANYWHERE, ControlError, ControlPlane
from simulator.settings import Settings
from simulator.testing.engine import Engine
from simulator.testing.transport import InProcess
from simulator.testing.world import World


class Understudy:
    """A stand-in for as long as a `with` block lasts.

    Without `url` it runs in a thread of this process, on a free loopback port that is bound when
    `url` is first read. With one, it is a stand-in that runs there already, which `control_key`
    may be needed to drive, and the other options are not for it. The options are those of
    `understudy serve`; files are the same small ones unless `media` is true.
    """

    def __init__(
        self,
        url: str = "",
        *,
        control_key: str = "",
        only: Iterable[str] = (),
        dialect: Literal["documented", "live"] = "documented",
        seed: str = "understudy",
        speed: float = 1.0,
        pace: Pace = "clock",
        stage_seconds: float | None = None,
        limits: Literal["off", "vendor"] = "off",
        switches: Mapping[str, Mapping[str, str]] | None = None,
        scenarios: str | PathLike[str] | Iterable[str | PathLike[str]] = (),
        media: bool = False,
    ) -> None:
        paths = (scenarios,) if isinstance(scenarios, str | PathLike) else tuple(scenarios)
        self._remote_url = url.rstrip("/")
        self._control_key = control_key
        self._speed = speed
        self._pace: Pace = pace
        self._settings = Settings(
            only=tuple(only),
            dialect=dialect,
            seed=seed,
            speed=speed,
            pace=pace,
            stage_seconds=stage_seconds,
            limits=limits,
            switches=switches or {},
            scenarios=tuple(fspath(path) for path in paths),
            media=media,
        )
        self._stack = ExitStack()
        self._engine: Engine | None = None
        self._control: ControlPlane | None = None

    def __enter__(self) -> "Understudy":
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it; raises as `understudy serve` does for options that make no sense."""
        with ExitStack() as stack:
            if self._remote_url:
                self._control = ControlPlane(self._remote_url, self._control_key)
            else:
                self._engine = stack.enter_context(Engine(self._settings))
                self._control = ControlPlane(ANYWHERE, transport=self._engine.transport)
            stack.callback(self._control.close)
            self._stack = stack.pop_all()

    def stop(self) -> None:
        """Stop it; calls that still wait are broken off."""
        self._engine = self._control = None
        self._stack.close()

    @property
    def url(self) -> str:
        """The origin at which it listens."""
        return self._remote_url or self._running().url

    @property
    def transport(self) -> InProcess:
        """For `httpx.Client` and `httpx.AsyncClient`: the same stand-in without a socket.

        Raises `RuntimeError` if the stand-in is another process.
        """
        if self._remote_url:
            raise RuntimeError(f"no transport: the stand-in at {self._remote_url} is not in here")
        return self._running().transport

    def tenant(
        self,
        name: str | None = None,
        *,
        seed: str | None = None,
        now: str | datetime | None = None,
        frozen: bool = False,
        speed: float | None = None,
        pace: Pace | Mapping[str, Pace] | None = None,
        expires_after: float | None = None,
    ) -> World:
        """Found a world of its own, under a free name if none is given.

        `now` is what its clock shows first. Raises `ControlError` (409) if the name is taken.
        """
        clock: dict[str, Any] = {"frozen": frozen, "speed": speed or self._speed}
        if now is not None:
            clock["now"] = now if isinstance(now, str) else now.isoformat()
        wanted = {
            "name": name,
            "seed": seed,
            "clock": clock,
            "pace": pace or self._pace,
            "expires_after": expires_after,
        }
        body = {key: value for key, value in wanted.items() if value is not None}
        if self._control is None:
            raise RuntimeError("the stand-in is not running: use it in a `with` block")
        told = self._control.ask("POST", "/tenants", body)
        return World(told, self._control, lambda: self.url, lambda: self.transport)

    def _running(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the stand-in is not running: use it in a `with` block")
        return self._engine


def founded(stand_in: Understudy, name: str, **options: Any) -> World:
    """Found a world under a name, or under the name with a number if somebody has it."""
    number, tried = 1, name
    while True:
        try:
            return stand_in.tenant(tried, **options)
        except ControlError as error:
            if error.status != 409:
                raise
        number += 1
        tried = f"{name}-{number}"
