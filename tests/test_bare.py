"""A contract without a line of Python is served already."""

import shutil
from pathlib import Path

import httpx
import pytest

import contracts
from contracts import reader
from simulator.app import create_app
from simulator.bare import provider_of
from simulator.core.errors import Unauthenticated
from simulator.settings import Settings

TOY = Path(__file__).parent / "toy.yaml"


@pytest.fixture
def http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> httpx.AsyncClient:
    """A client of a stand-in whose only vendor's contract is the toy's, under another name."""
    (tmp_path / "unheard").mkdir()
    shutil.copy(TOY, tmp_path / "unheard" / "openapi.yaml")
    shutil.copytree(reader.ROOT / "_control", tmp_path / "_control")
    monkeypatch.setattr(contracts, "names", lambda: reader.names(tmp_path))
    load = contracts.load
    monkeypatch.setattr(
        contracts, "load", lambda name, dialect="documented": load(name, dialect, tmp_path)
    )
    monkeypatch.setattr(contracts, "path_of", lambda name: reader.path_of(name, tmp_path))
    app = create_app(Settings())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy.test")


@pytest.mark.anyio
async def test_every_operation_of_it_answers_as_declared(http: httpx.AsyncClient) -> None:
    contract = contracts.load("unheard")
    tried = 0
    for operation in contract.operations:
        examples = operation.body.content["application/json"].examples if operation.body else {}
        if "{" in operation.path or (operation.body and not examples):
            continue
        reply = await http.request(
            operation.method,
            operation.path,
            json=next(iter(examples.values()), None),
            headers={"x-api-key": "unheard-key-first", "authorization": "Bearer unheard-key-first"},
        )
        tried += 1
        assert str(reply.status_code) in operation.replies, (operation.id, reply.text)
    assert tried


@pytest.mark.anyio
async def test_an_unknown_path_and_a_wrong_method_are_plain_errors(http: httpx.AsyncClient) -> None:
    nowhere = await http.get("/toy/nowhere")
    wrong = await http.patch("/toy/makes")
    assert (nowhere.status_code, nowhere.json()) == (404, {"error": "unknown_path"})
    assert (wrong.status_code, wrong.json()) == (405, {"error": "method_not_allowed"})
    assert wrong.headers["allow"] == "GET, HEAD, POST"


def test_a_key_goes_where_the_contract_says(http: httpx.AsyncClient) -> None:
    provider = provider_of(contracts.load("unheard"))
    assert provider.credential({"authorization": "Bearer k"}) == "k"
    assert isinstance(provider.credential({}), Unauthenticated)
    assert provider.is_key(provider.new_key(bytes(32)))
