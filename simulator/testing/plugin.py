"""The pytest plugin: fixtures `understudy`, `recoup`, `nanogpt` and `leonardo`.

Loaded with every pytest run, so it imports nothing of the stand-in until a fixture is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.testing.stand_in import Understudy
    from simulator.testing.vendor import Vendor
    from simulator.testing.world import World

_WORLD: pytest.StashKey[World] = pytest.StashKey()
_MARKER = (
    "understudy(seed=..., now=..., frozen=..., speed=..., pace=...): "
    "how the world of this test is founded"
)
_LONGEST_NAME = 40
_LATEST = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the ini value."""
    group = parser.getgroup("understudy-testing", "a stand-in for tests of applications")
    told = "use the stand-in that runs there instead of starting one (also understudy_url)"
    group.addoption("--understudy-url", metavar="URL", help=told)
    parser.addini("understudy_url", "origin of a running stand-in", default="")
    parser.addini("understudy_control_key", "what its control plane demands", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def understudy_options() -> dict[str, Any]:
    """Options of `simulator.testing.Understudy`; define this fixture anew to choose some."""
    return {}


@pytest.fixture(scope="session")
def understudy_server(
    pytestconfig: pytest.Config, understudy_options: dict[str, Any]
) -> Iterator[Understudy]:
    """One stand-in for the session (for each worker of xdist), or the one that runs elsewhere."""
    from simulator.testing.stand_in import Understudy

    url = pytestconfig.getoption("--understudy-url") or pytestconfig.getini("understudy_url")
    if url:
        key = pytestconfig.getini("understudy_control_key")
        stand_in = Understudy(url, control_key=key)
    else:
        stand_in = Understudy(**understudy_options)
    with stand_in:
        yield stand_in


@pytest.fixture
def understudy(request: pytest.FixtureRequest, understudy_server: Understudy) -> Iterator[World]:
    """A world of its own: clock, credits, runs, scenarios, and the requests of this test alone."""
    from simulator.testing.stand_in import founded

    marker = request.node.get_closest_marker("understudy")
    options = {} if marker is None else marker.kwargs
    with founded(understudy_server, _name(request.node.nodeid), **options) as world:
        request.node.stash[_WORLD] = world
        yield world


@pytest.fixture
def recoup(understudy: World) -> Vendor:
    """Recoup in this test's world: `url`, `key`, `second_key`, `env()`, `headers()`."""
    return understudy.recoup


@pytest.fixture
def nanogpt(understudy: World) -> Vendor:
    """NanoGPT in this test's world: `url`, `key`, `second_key`, `env()`, `headers()`."""
    return understudy.nanogpt


@pytest.fixture
def leonardo(understudy: World) -> Vendor:
    """Leonardo in this test's world: `url`, `key`, `second_key`, `env()`, `headers()`."""
    return understudy.leonardo


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what was asked of the world of a test that failed."""
    report = yield
    if report.when == "call" and report.failed and _WORLD in item.stash:
        report.sections.append(("understudy", "\n".join(_told(item.stash[_WORLD]))))
    return report


def _told(world: World) -> Iterator[str]:
    from simulator.remote import ControlError

    try:
        for request in world.requests(limit=_LATEST):
            notes = [request.error, request.scenario, request.fault]
            told = f"{request.status}  {request.method} {request.path}  {request.operation}"
            yield "  ".join([told, *(note for note in notes if note), request.id])
    except ControlError as error:
        yield str(error)


def _name(nodeid: str) -> str:
    """A tenant's name for a test: readable, and the same in every run."""
    from hashlib import sha256

    words = re.sub(r"[^A-Za-z0-9]+", "-", nodeid.rpartition("::")[2]).strip("-")
    return f"{words[:_LONGEST_NAME] or 'test'}-{sha256(nodeid.encode()).hexdigest()[:8]}"
