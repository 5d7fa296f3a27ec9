"""Parsed documents kept as JSON in the user's cache directory, named by a digest of their sources.

A cache that cannot be read or written is no error: the sources are read again.
"""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import orjson


def directory() -> Path | None:
    """Return `$XDG_CACHE_HOME/understudy/contracts` (or below `~/.cache`), None without a home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if Path(base).is_absolute():
        return Path(base) / "understudy" / "contracts"
    try:
        return Path.home() / ".cache" / "understudy" / "contracts"
    except RuntimeError:
        return None


def get(digest: str) -> dict[str, Any] | None:
    """Return the document kept under a digest, None if there is none that can be read."""
    folder = directory()
    if folder is None:
        return None
    try:
        document = orjson.loads((folder / f"{digest}.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return document if isinstance(document, dict) else None


def put(digest: str, document: dict[str, Any]) -> None:
    """Keep a document under a digest, whole or not at all; does nothing where it may not write."""
    folder = directory()
    if folder is None:
        return
    with contextlib.suppress(OSError, orjson.JSONEncodeError):
        content = orjson.dumps(document)
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(folder / f"{digest}.json")
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
