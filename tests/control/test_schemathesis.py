"""Schemathesis' own checks, all of them, on the contract of the control plane, in process."""

import copy
import re
from collections.abc import Collection
from typing import Any, Final

import anyio
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

import contracts
from simulator.app import create_app
from simulator.core.clock import Clock
from simulator.core.tenant import DEFAULT
from simulator.settings import Settings
from tests.control.plane import plane

_RULES: Final = {
    # A provider that is not served.
    "setPace": ["2xx", "400", "404"],
    "setVariety": ["2xx", "400", "404"],
    # The same, a date outside of 1970 to 3000.
    "createTenant": ["2xx", "400", "409"],
    # A window of no length, a name that is given twice, an operation that the provider lacks.
    "changeAccount": ["2xx", "400", "404"],
    # An operation that no provider has, no JSONPath, a name that nothing on the shelf has.
    "activateScenario": ["2xx", "400", "404"],
    # A key of another provider's form.
    "addKey": ["2xx", "400", "404", "409"],
    # A key that nobody has or whose vendor has no callbacks, a secret that is none.
    "createWebhook": ["2xx", "400", "404", "409"],
    # No time and no exchange in `since`.
    "listExchanges": ["2xx", "400", "404"],
    "archiveExchanges": ["2xx", "400", "404"],
    "tailExchanges": ["2xx", "400", "404"],
    # The same, no JSONPath, no regular expression, a count for expectations in order.
    "verify": ["2xx", "400", "404"],
}
_EXAMPLES: Final = 30
_JOURNEYS: Final = 30
_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
_CREATE_WEBHOOK: Final = "POST /_understudy/tenants/{tenant}/webhooks"


def schema(only: Collection[str] | None = None) -> OpenApiSchema:
    """Serve the control plane, or some operations of it, to Schemathesis."""
    config = {
        "base-url": "http://127.0.0.1:8400",
        "generation": {
            "deterministic": True,
            "max-examples": _EXAMPLES,
            "database": "none",
            "with-security-parameters": False,
        },
        "operations": [
            {
                "include-operation-id": name,
                "checks": {"positive_data_acceptance": {"expected-statuses": statuses}},
            }
            for name, statuses in _RULES.items()
        ],
    }
    document = copy.deepcopy(contracts.load("_control").document)
    for item in document["paths"].values():
        for method in _METHODS & item.keys():
            if only is not None and item[method]["operationId"] not in only:
                del item[method]
    found = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))
    found.hook("map_body")(to_this_machine)
    found.app = World()
    return found


def to_this_machine(context: schemathesis.HookContext, body: Any) -> Any:
    """Let webhooks lead to this machine, so that no made-up host is looked up in the network."""
    is_webhook = context.operation is not None and context.operation.label == _CREATE_WEBHOOK
    if is_webhook and isinstance(body, dict):
        url = body.get("url")
        if isinstance(url, str) and len(url) <= 2000 and re.fullmatch("https?://[!-~]+", url):
            return {**body, "url": "http://127.0.0.1:9/"}
    return body


class World:
    """A stand-in that can be begun anew; Schemathesis' operations hold on to the app they had."""

    def __init__(self) -> None:
        self._app = fresh_app()

    def begin_anew(self) -> None:
        """Put another stand-in in its place, in which nothing has happened."""
        self._app = fresh_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the stand-in of the moment does."""
        await self._app(scope, receive, send)


def fresh_app() -> Starlette:
    """A stand-in whose default tenant is founded; it is about to stop, so that streams end."""
    app = create_app(Settings(clock=Clock(0, 1_750_000_000_000, 0)))
    anyio.run(app.state.house.default)
    app.state.house.stop()
    return app


SCHEMA: Final = schema()
LINKS: Final = tuple(contracts.load("_control").operation("createTenant").links.values())
LINKED: Final = frozenset(link["operationId"] for link in LINKS)


@SCHEMA.parametrize()
def test_control_plane(case: schemathesis.Case[Any]) -> None:
    response = case.call_and_validate()
    assert "x-understudy-bug" not in response.headers


@pytest.mark.anyio
@pytest.mark.parametrize("name", sorted(LINKED))
async def test_a_link_leads_from_what_was_founded_to_what_it_says(name: str) -> None:
    at = plane()
    founded = await at.told("POST", "/tenants", json={})
    operation = contracts.load("_control").operation(name)
    link = next(link for link in LINKS if link["operationId"] == name)
    assert link["parameters"] == {"tenant": "$response.body#/name"}
    path = operation.path.replace("{tenant}", founded["name"]).removeprefix("/_understudy")
    query = {} if "{tenant}" in operation.path else {"tenant": founded["name"]}
    body = None
    if operation.body is not None:
        [media] = operation.body.content.values()
        body = next(iter(media.examples.values()))
    assert (await at.ask(operation.method, path, params=query, json=body)).is_success
    there = (await at.ask("GET", f"/tenants/{founded['name']}")).is_success
    assert there == (name != "deleteTenant")


def test_linked_operations() -> None:
    """What is founded can be read, moved, reset and deleted, and is gone after that.

    Journeys are made of a tenant's founding and what it links to, so that most of them arrive.
    """
    served = schema(only={"createTenant", *LINKED})
    world = served.app
    machine = served.as_state_machine()
    succeeded: set[str] = set()

    class Machine(machine):  # type: ignore[misc, valid-type]  # made at run time
        def setup(self) -> None:
            """Begin every journey in a world of its own, or it could not be gone again."""
            super().setup()
            world.begin_anew()

        def after_call(self, response: Response, case: schemathesis.Case[Any]) -> None:
            super().after_call(response, case)
            assert "x-understudy-bug" not in response.headers
            tenant = (case.path_parameters or {}).get("tenant", "")
            if response.status_code < 300 and tenant != DEFAULT:
                succeeded.add(case.operation.definition.raw["operationId"])

    Machine.run(
        settings=settings(
            max_examples=_JOURNEYS,
            stateful_step_count=6,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
    )
    assert "createTenant" in succeeded
    assert len(succeeded & LINKED) > len(LINKED) / 2
