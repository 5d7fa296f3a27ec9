"""Part of every test run: a test whose in-process replies break their contract fails.

The verdict falls after the test itself and again after its teardown, so that what a fixture of
any scope asked for is judged as well. Servers in other processes are not seen from here.
"""

from collections.abc import Generator, Iterator

import pytest

from tests.judge.recording import Recorder, recording

_RECORDER = pytest.StashKey[Recorder]()


@pytest.fixture(scope="session", autouse=True)
def replies_are_recorded(pytestconfig: pytest.Config) -> Iterator[None]:
    """Record the replies of every vendor edge as long as tests run."""
    recorder = pytestconfig.stash[_RECORDER] = Recorder()
    with recording(recorder):
        yield


def recorder_of(config: pytest.Config) -> Recorder:
    """The recorder of this test run."""
    return config.stash[_RECORDER]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Judge what a test was answered; its own failure goes first."""
    yield
    _judge(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Judge what was left: the replies to a test that failed, and to its teardown."""
    yield
    _judge(item)


def _judge(item: pytest.Item) -> None:
    recorder = item.config.stash.get(_RECORDER, None)
    faults = recorder.faults() if recorder is not None else []
    if faults:
        pytest.fail("openapi-core does not accept:\n" + "\n".join(faults), pytrace=False)
