"""The options by which commands say which exchanges they mean."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    ("--provider", "Of this provider."),
    ("--operation", "Of this operation, or a pattern such as 'create*'."),
    ("--method", "With this method."),
    ("--path", "With this path, or a pattern such as '/api/*'."),
    ("--account", "Of this account, by its id."),
    ("--status", "With this status: 200, 4xx, '>=400'."),
    ("--error", "Refused with this core error, such as rate_limited."),
    ("--scenario", "Decided by this scenario."),
    ("--text", "With this text in the body of the request or the reply."),
    ("--since", "After the exchange with this id, or from this time on (ISO 8601)."),
)


def asking(command: F) -> F:
    """Give a command the options of which exchanges it means; each is None if left out."""
    for name, help_text in reversed(_OPTIONS):
        command = click.option(name, help=help_text)(command)
    return command


def given(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, a method in capitals."""
    found = {name: value for name, value in options.items() if value is not None}
    return found | ({"method": found["method"].upper()} if "method" in found else {})
