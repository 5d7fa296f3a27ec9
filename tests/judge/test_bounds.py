"""A body over the bound is refused by every operation as its contract says, and by no bug."""

from typing import Any, Final

import anyio
import pytest

import contracts
from contracts import Dialect
from simulator.app import create_app
from simulator.http.exchange import BODY_LIMIT_BYTES
from simulator.settings import Settings
from tests.exchanges.client import send

_KINDS: Final[tuple[tuple[str, Dialect], ...]] = (
    ("recoup", "documented"),
    ("recoup", "live"),
    ("nanogpt", "documented"),
    ("leonardo", "documented"),
)


@pytest.mark.parametrize(("provider", "dialect"), _KINDS)
def test_a_body_over_the_bound_is_refused_as_declared(provider: str, dialect: Dialect) -> None:
    """The second judge reads each of these replies."""
    app = create_app(Settings(only=(provider,), dialect=dialect))
    text = "x" * (BODY_LIMIT_BYTES + 1)
    for operation in contracts.load(provider, dialect).operations:
        exchange: dict[str, Any] = {
            "method": operation.method,
            "path": operation.path,
            "raw_body": text,
        }
        answer = anyio.run(send, app, exchange)
        assert answer.status == 413, operation.id
        assert "413" in operation.replies, operation.id
        assert "x-understudy-bug" not in answer.headers
