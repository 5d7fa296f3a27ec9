"""How unusual a tenant's replies are, from outside: as ever, or at the edges of their contract."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from simulator.control.pace import check_provider
from simulator.control.reading import Asked
from simulator.control.replying import json_reply, tenant_of
from simulator.core import matching
from simulator.core.scenarios import PLAYBOOKS, Playbook
from simulator.core.store import Tx
from simulator.house import House


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of variety."""

    async def read_variety(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        playbook = await tenant.transact(lambda tx: tx.get(PLAYBOOKS, ""))
        return json_reply(_shown(house, playbook or Playbook()))

    async def set_variety(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        variety, provider = asked.body["variety"], asked.body.get("provider", "")
        if provider:
            check_provider(house, provider, "/provider")

        async def work(tx: Tx) -> Playbook:
            return await matching.set_variety(tx, variety, provider)

        return json_reply(_shown(house, await tenant.transact(work)))

    return {"readVariety": read_variety, "setVariety": set_variety}


def _shown(house: House, playbook: Playbook) -> dict[str, Any]:
    return {
        "variety": playbook.variety_of(""),
        "providers": {name: playbook.variety_of(name) for name in house.providers},
    }
