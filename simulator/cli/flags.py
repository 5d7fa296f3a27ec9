"""The flags of `understudy serve` as settings; what click has not checked is checked here."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.settings import Settings

_ORIGIN = re.compile(r"https?://[\w.~:\[\]-]+(?:/[\w.~/%-]*)?", re.ASCII)
"""An origin; a path may follow it, for a proxy that takes it off again."""

_NAMES = re.compile(r"[^\s,]+")


def settings_of(flags: Mapping[str, Any]) -> Settings:
    """Make settings of command-line flags; raises `ValueError` with one line of reason."""
    public_url = flags["public_url"].rstrip("/")
    if public_url and not _ORIGIN.fullmatch(public_url):
        raise ValueError(
            f"--public-url is an origin such as https://example.test, not {public_url!r}"
        )
    for name in ("speed", "stage_seconds"):
        if flags[name] is not None and math.isnan(flags[name]):
            raise ValueError(f"--{name.replace('_', '-')} is a number, not nan")
    return Settings(
        only=tuple(name for text in flags["only"] for name in _NAMES.findall(text)),
        dialect=flags["dialect"],
        seed=flags["seed"],
        speed=flags["speed"],
        pace=flags["pace"],
        stage_seconds=flags["stage_seconds"],
        keys=_read_keys(flags["keys"]) if flags["keys"] else {},
        any_key=flags["any_key"],
        limits=flags["limits"],
        public_url=public_url,
        switches=_read_switches(flags["switch"]),
        media=not flags["no_media"],
        media_cache_bytes=flags["media_cache_mb"] * 1024 * 1024,
        host=flags["host"],
        control_key=_control_key(flags["control_key"]),
        fetch_inputs=flags["fetch_inputs"],
        webhook_allow=tuple(
            name for text in flags["webhook_allow"] for name in _NAMES.findall(text)
        ),
        fetch_allow=tuple(name for text in flags["fetch_allow"] for name in _NAMES.findall(text)),
        scenarios=tuple(flags["scenarios"]),
    )


def _control_key(text: str) -> str:
    if text and not (text.isascii() and text.isprintable() and text.strip() == text):
        raise ValueError("--control-key is printable ASCII without spaces around it")
    return text


def _read_keys(path: Path) -> dict[str, tuple[str, ...]]:
    import yaml

    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise ValueError(f"{path}: expected provider: [key, key] for each provider")
    keys: dict[str, tuple[str, ...]] = {}
    for name, value in data.items():
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
            raise ValueError(f"{path}: {name}: expected a key or a list of keys, each a string")
        keys[str(name)] = tuple(listed)
    return keys


def _read_switches(texts: tuple[str, ...]) -> dict[str, dict[str, str]]:
    chosen: dict[str, dict[str, str]] = {}
    for text in texts:
        name, _, choice = text.partition("=")
        provider, _, switch = name.partition(".")
        if not (provider and switch and choice):
            raise ValueError(f"--switch is NAME.SWITCH=CHOICE, not {text!r}")
        chosen.setdefault(provider, {})[switch] = choice
    return chosen
