"""What a stand-in is started with. Data only; the command line and tests make one."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from simulator.core.clock import Clock, Pace


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of one stand-in.

    only: the providers served, all if empty. dialect: what is documented, or as observed live.
    seed: makes two stand-ins alike. speed: how fast the default tenant's clock runs.
    pace: how its runs get on.
    stage_seconds: the length of every stage of a run instead of the catalogue's.
    keys: keys by provider, first account's first, in place of the demo keys.
    any_key: also accept any well-formed key. limits: whether the vendors' rate limits count.
    public_url: the origin of links instead of the request's Host.
    switches: choices by provider. clock: the default tenant's clock, for repeatable worlds.
    media: whether files are rendered, or all the same small ones. media_cache_bytes: the bound of
    rendered files that are kept. host: where the server is bound. control_key: what the control
    plane demands; without one it is there on loopback only. fetch_inputs: whether files that
    requests link to are fetched, fetch_allow: private hosts and networks that these may be from.
    scenarios: files and folders of scenarios that can be had by name, beside the library.
    webhook_allow: hosts and networks beyond this machine that webhooks may be sent to.
    journal_bytes: the bound of a tenant's journal, journals_bytes: of all together.
    """

    only: tuple[str, ...] = ()
    dialect: Literal["documented", "live"] = "documented"
    seed: str = "understudy"
    speed: float = 1.0
    pace: Pace = "clock"
    stage_seconds: float | None = None
    keys: Mapping[str, tuple[str, ...]] = {}
    any_key: bool = False
    limits: Literal["off", "vendor"] = "off"
    public_url: str = ""
    switches: Mapping[str, Mapping[str, str]] = {}
    clock: Clock | None = None
    media: bool = True
    media_cache_bytes: int = 512 * 1024 * 1024
    journal_bytes: int = 64 * 1024 * 1024
    journals_bytes: int = 256 * 1024 * 1024
    host: str = "127.0.0.1"
    control_key: str = ""
    fetch_inputs: bool = False
    fetch_allow: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    webhook_allow: tuple[str, ...] = ()
