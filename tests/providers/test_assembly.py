"""What holds of every provider as it is plugged in: its operations, and what a start imports."""

import subprocess
import sys

import pytest
from msgspec.structs import replace

import contracts
from simulator.app import create_app, installed_providers
from simulator.provider import Provider
from simulator.settings import Settings

PROVIDERS = installed_providers()
LATE = ("operations", "modes", "wire", "errors")


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_the_operations_are_those_that_have_a_handler(provider: Provider) -> None:
    assert provider.operations == set(provider.handlers())


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_every_operation_of_the_contract_has_a_handler(provider: Provider) -> None:
    declared = {operation.id for operation in contracts.load(provider.name).operations}
    assert provider.operations == declared


def test_a_start_imports_nothing_that_only_requests_need() -> None:
    code = (
        "import asyncio, sys\n"
        "from simulator.app import create_app\n"
        "asyncio.run(create_app().state.house.open())\n"
        "print(*(name for name in sys.modules if name.startswith('simulator.providers.')))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()
    assert "simulator.providers.recoup.accounts" in loaded
    assert [name for name in loaded if name.rpartition(".")[2] in LATE] == []


def test_a_handler_without_an_operation_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    surplus = frozenset({"noSuchOperation"})
    provider = PROVIDERS["recoup"]
    monkeypatch.setattr(
        "simulator.providers.recoup.PROVIDER",
        replace(provider, operations=provider.operations | surplus),
    )
    with pytest.raises(contracts.ContractError, match="noSuchOperation"):
        create_app(Settings(only=("recoup",)))
