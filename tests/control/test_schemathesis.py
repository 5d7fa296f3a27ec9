"""Schemathesis' own checks, all of them, on the contract of the control plane, in process."""

from typing import Any, Final

import anyio
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.applications import Starlette

import contracts
from simulator.app import create_app
from simulator.core.clock import Clock
from simulator.settings import Settings

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
    # No time and no exchange in `since`.
    "listExchanges": ["2xx", "400", "404"],
    "archiveExchanges": ["2xx", "400", "404"],
    "tailExchanges": ["2xx", "400", "404"],
    # The same, no JSONPath, no regular expression, a count for expectations in order.
    "verify": ["2xx", "400", "404"],
}
_EXAMPLES: Final = 30


def schema() -> OpenApiSchema:
    """Serve the control plane to Schemathesis."""
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
    document = contracts.load("_control").document
    found = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))
    found.app = fresh_app()
    return found


def fresh_app() -> Starlette:
    """A stand-in whose default tenant is founded; it is about to stop, so that streams end."""
    app = create_app(Settings(clock=Clock(0, 1_750_000_000_000, 0)))
    anyio.run(app.state.house.default)
    app.state.house.stop()
    return app


SCHEMA: Final = schema()


@SCHEMA.parametrize()
def test_control_plane(case: schemathesis.Case[Any]) -> None:
    response = case.call_and_validate()
    assert "x-understudy-bug" not in response.headers


def test_linked_operations() -> None:
    """What is founded can be read, moved, reset and deleted, and is gone after that."""
    served = schema()
    machine = served.as_state_machine()
    seen: set[tuple[str, int]] = set()

    class Machine(machine):  # type: ignore[misc, valid-type]  # made at run time
        def setup(self) -> None:
            """Begin every journey in a world of its own, or it could not be gone again."""
            super().setup()
            served.app = fresh_app()

        def after_call(self, response: Response, case: schemathesis.Case[Any]) -> None:
            super().after_call(response, case)
            seen.add((case.operation.definition.raw["operationId"], response.status_code))
            assert "x-understudy-bug" not in response.headers

    Machine.run(
        settings=settings(
            max_examples=80,
            stateful_step_count=6,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
    )
    assert {("createTenant", 201), ("readClock", 200), ("deleteTenant", 204)} <= seen
