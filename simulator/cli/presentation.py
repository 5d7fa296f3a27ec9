"""What a person or a program is told of the providers: URLs, keys and a curl line that works."""

import json
import shlex
from typing import Any, NamedTuple

from contracts import Contract, Operation
from simulator.provider import Provider


class Introduction(NamedTuple):
    """One provider as it is served at an origin."""

    name: str
    title: str
    url: str
    keys: tuple[str, ...]
    curl: str

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"name": self.name, "url": self.url, "keys": list(self.keys), "curl": self.curl}


def introduction(
    provider: Provider, contract: Contract, origin: str, keys: tuple[str, ...]
) -> Introduction:
    """Introduce a provider served at an origin."""
    url = origin + contract.base_path
    line = curl_line(showcase(contract), contract, origin, keys[0])
    return Introduction(provider.name, provider.title, url, keys, line)


def showcase(contract: Contract) -> Operation:
    """The operation that shows a provider best: the first of its contract."""
    return contract.operations[0]


def curl_line(operation: Operation, contract: Contract, origin: str, key: str) -> str:
    """A curl command that performs an operation's first example with a key."""
    words = ["curl", "-s", origin + operation.path]
    if operation.method not in ("GET", "POST"):
        words[1:1] = ["-X", operation.method]
    header = credential_header(contract, operation, key)
    if header is not None:
        words += ["-H", header]
    if operation.body is not None:
        example = next(
            iter(operation.body.content[operation.body.media_types[0]].examples.values())
        )
        words += ["-H", "Content-Type: application/json"]
        words += ["-d", json.dumps(example, ensure_ascii=False)]
    return shlex.join(words)


def credential_header(contract: Contract, operation: Operation, key: str) -> str | None:
    """The header line that carries a key, as the operation's first security scheme wants it."""
    schemes = next((names for names in operation.security if names), None)
    if schemes is None:
        return None
    scheme = contract.document["components"]["securitySchemes"][schemes[0]]
    if scheme["type"] == "apiKey":
        return f"{scheme['name']}: {key}"
    return f"Authorization: Bearer {key}"
