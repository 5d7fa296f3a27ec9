"""What a webhook's receiver gets: body and headers of one attempt.

Built anew for each attempt from the run as it was at the event, so that every attempt of a delivery
has the same body; only a signature has a time of its own. A provider's own callback is written by
its folder; all others are signed as Standard Webhooks.
"""

import base64
import hashlib
import hmac
from decimal import Decimal
from typing import Any, NamedTuple

from simulator.core import jsontext, runs
from simulator.core.accounts import Account
from simulator.core.assets import Links
from simulator.core.clock import utc_text
from simulator.core.deliveries import Claim
from simulator.core.desk import Desk
from simulator.core.tenant import Tenant
from simulator.core.webhooks import STANDARD, Delivery, Subscription
from simulator.house import House
from simulator.provider import Provider, Told

SECRET_PREFIX = "whsec_"
"""What secrets begin with [Standard Webhooks, symmetric secrets]."""

_MISSIGNED = "understudy: not the secret"


class Letter(NamedTuple):
    """The body and the headers of a request to a receiver."""

    body: bytes
    headers: list[tuple[str, str]]


async def letter_of(house: House, tenant: Tenant, claimed: Claim, system_ms: int) -> Letter:
    """The request of one attempt, signed at a system time."""
    delivery, subscription = claimed.delivery, claimed.subscription
    provider = house.providers[delivery.run.provider]
    account = await tenant.account(delivery.run.account_id)
    desk = _desk(tenant, provider, account, subscription)
    if subscription.kind == STANDARD or provider.callback is None:
        body = jsontext.dumps(_event(provider, delivery, desk))
        secret = _wrong_key() if claimed.twist.is_missigned else _key(subscription.secret)
        return Letter(body, signed(delivery.id, system_ms // 1000, body, secret))
    told = Told(
        delivery.event,
        delivery.run,
        runs.status_at(delivery.run, delivery.at_ms),
        delivery.at_ms,
        desk.asset_url,
        subscription,
        _MISSIGNED if claimed.twist.is_missigned else subscription.secret,
        house.choices(provider),
    )
    reply = provider.callback.write(told)
    return Letter(jsontext.dumps(reply.body), list(reply.headers))


def signed(message_id: str, at_s: int, body: bytes, key: bytes) -> list[tuple[str, str]]:
    """The headers of a message as Standard Webhooks 1.0 signs it with HMAC-SHA256."""
    content = f"{message_id}.{at_s}.".encode() + body
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return [
        ("content-type", "application/json"),
        ("user-agent", "understudy"),
        ("webhook-id", message_id),
        ("webhook-timestamp", str(at_s)),
        ("webhook-signature", f"v1,{signature}"),
    ]


def _key(secret: str) -> bytes:
    """The bytes that a secret stands for."""
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX) + "==")


def _wrong_key() -> bytes:
    return hashlib.sha256(_MISSIGNED.encode()).digest()


def _desk(
    tenant: Tenant, provider: Provider, account: Account | None, subscription: Subscription
) -> Desk:
    who = account or Account("", provider.name, "nobody", 0)
    links = Links(
        f"{subscription.origin}/_assets/{provider.name}/{tenant.name}", provider.hosting.lifetime_ms
    )
    return Desk(tenant, provider.name, who, lambda: links)


def _event(provider: Provider, delivery: Delivery, desk: Desk) -> dict[str, Any]:
    """An event of any provider's run, in the core's words."""
    run = delivery.run
    status = runs.status_at(run, delivery.at_ms)
    outcome = status.outcome
    has_files = status.state == "completed"
    return {
        "type": delivery.event,
        "timestamp": utc_text(delivery.at_ms),
        "data": {
            "id": run.id,
            "provider": run.provider,
            "operation": run.operation,
            "account": run.account_id,
            "mode": run.mode,
            "model": run.model,
            "state": status.state,
            "stage": status.stage,
            "progress": status.progress,
            "created_at": utc_text(run.created_at_ms),
            "ended_at": None if status.ended_at_ms is None else utc_text(status.ended_at_ms),
            "error": None
            if outcome is None or has_files
            else {"reason": outcome.reason, "message": outcome.message},
            "cost": format((Decimal(run.cost_nanos) / provider.unit.nanos).normalize(), "f"),
            "unit": provider.unit.name,
            "files": [desk.asset_url(run, index) for index in range(len(run.outputs))]
            if has_files
            else [],
        },
    }
