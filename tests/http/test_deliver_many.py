"""Many deliveries to a receiver that fails at random; the bench has ten thousand."""

import pytest

from tests.bench.webhooks import deliver

pytestmark = pytest.mark.anyio


async def test_all_arrive_in_order_per_run_and_in_bounded_memory() -> None:
    outcome = await deliver(300)
    assert outcome.taken == outcome.wanted == 1500
    assert outcome.out_of_order == 0
    assert outcome.attempts > 1.2 * outcome.wanted
    assert outcome.grown_bytes < 64 * 2**20
