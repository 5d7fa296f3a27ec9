"""What all tests share: one event loop's flavour, and properties that may take their time."""

import pytest
from hypothesis import settings

pytest_plugins = ("tests.judge.plugin",)

settings.register_profile("understudy", deadline=None)
settings.load_profile("understudy")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
