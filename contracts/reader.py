"""Finds, reads and overlays the contracts. What an operation is, `operations.py` says.

A document is parsed, overlaid and checked once; after that it comes from the cache, so that a
start costs a few milliseconds and imports neither YAML nor JSONPath.
"""

import hashlib
from pathlib import Path
from typing import Any, Final, get_args

from contracts import cache
from contracts.errors import ContractError
from contracts.model import Contract, Dialect
from contracts.operations import base_path, operations

ROOT: Final = Path(__file__).parent
DOCUMENT: Final = "openapi.yaml"
OVERLAY: Final = "live.overlay.yaml"
_READER_VERSION: Final = b"2"


def names(root: Path = ROOT) -> tuple[str, ...]:
    """Return the providers that have a contract, sorted; a folder that starts with `_` is none."""
    found = (path.parent.name for path in root.glob(f"*/{DOCUMENT}"))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def path_of(name: str, root: Path = ROOT) -> Path:
    """Return the path of a contract's document; raises ContractError if there is none."""
    path = root / name / DOCUMENT
    if not path.is_file():
        raise ContractError(str(path), "", "no such contract")
    return path


def load(name: str, dialect: Dialect = "documented", root: Path = ROOT) -> Contract:
    """Return a contract in one dialect; `live` is the document itself where no overlay is known.

    Raises ContractError for text that is no YAML, a reference that leads nowhere, an overlay
    action that selects nothing, and operations without an identity of their own.
    """
    if dialect not in get_args(Dialect):
        raise ValueError(f"no such dialect: {dialect}")
    sources = _sources(path_of(name, root), dialect)
    digest = _digest(sources)
    key = hashlib.sha256(_READER_VERSION + digest.encode()).hexdigest()
    document = cache.get(key)
    if document is None:
        document = _read(sources)
        cache.put(key, document)
    file = str(next(reversed(sources)))
    return Contract(
        name=name,
        dialect=dialect,
        document=document,
        base_path=base_path(document, file),
        operations=operations(document, name, file),
        digest=digest,
    )


def _sources(path: Path, dialect: Dialect) -> dict[Path, bytes]:
    """Return the files a contract is made from and their bytes: the document, then its overlay."""
    paths = [path]
    overlay = path.with_name(OVERLAY)
    if dialect == "live" and overlay.is_file():
        paths.append(overlay)
    return {source: source.read_bytes() for source in paths}


def _digest(sources: dict[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in sources.items():
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _read(sources: dict[Path, bytes]) -> dict[str, Any]:
    # Imported here: with a warm cache nothing of this is needed.
    from contracts import overlay, references, schemas, source

    parsed = [source.parse(_text(content, path), str(path)) for path, content in sources.items()]
    files = [str(path) for path in sources]
    document = parsed[0]
    references.check(document, files[0])
    for update, file in zip(parsed[1:], files[1:], strict=True):
        document = overlay.apply(document, update, file)
        references.check(document, file)
    schemas.check(document, files[-1])
    return document


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ContractError(str(path), "", f"not UTF-8: {error}") from error
