"""Which requests get a varied reply, and from which seed."""

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from contracts import Contract
from simulator.core import ids, jsontext
from simulator.core.accounts import Account
from simulator.core.scenarios import Playbook
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from simulator.http.headers import VARIETY
from simulator.provider import Call, Provider, Reply

if TYPE_CHECKING:
    from simulator.http.variety.varying import Varier

_HEADER = VARIETY.decode()
"""The header of a varied reply that has its seed; in a request, the seed to draw from."""

_SEED_LENGTH = 10


async def seed_for(
    tenant: Tenant, playbook: Playbook | None, call: Call, account: Account, *, is_given: bool
) -> str:
    """The seed of a reply's variety, empty if it is to be as ever.

    It is the one that the request names. Otherwise, where a scenario gives variety or the tenant
    has it, it is a function of the tenant's seed, the request and how many equal ones there were.
    """
    if (given := call.headers.get(_HEADER, "").strip()) != "":
        return str(given)
    provider = call.operation.provider
    if not is_given and (playbook is None or playbook.variety_of(provider) == "none"):
        return ""
    request = jsontext.dumps_sorted([call.path, call.query, call.body])
    digest = ids.request_digest(account.id, call.operation.id, request)

    async def count(tx: Tx) -> int:
        return await tx.increment(f"variety:{digest}")

    ordinal = await tenant.transact(count)
    source = ids.entropy(tenant.seed, f"variety:{digest}", ordinal)
    return ids.base36_text(source, _SEED_LENGTH)


def varied_reply(
    contract: Contract, provider: Provider, call: Call, seed: str, reply: Reply
) -> Reply:
    """A reply at its edges, with the header that has the seed; unchanged if it is not declared."""
    if isinstance(reply.body, bytes) or reply.body is None:
        return reply
    operation = contract.operation(call.operation.id)
    asked = [*call.path.values(), *call.query.values()]
    known = frozenset(value for value in asked if isinstance(value, str) and value)
    varied = _varier(contract, operation.id, provider).varied(reply.status, reply.body, seed, known)
    if varied is None:
        return reply
    kind = ("content-type", provider.content_type)
    return replace(reply, body=varied.content, headers=(kind, *reply.headers, (_HEADER, seed)))


@lru_cache(maxsize=1024)
def _varier(contract: Contract, operation_id: str, provider: Provider) -> "Varier":
    from simulator.http.variety.varying import Varier

    return Varier(contract, contract.operation(operation_id), provider.formats)
