"""What a NanoGPT may do with money, and what it may not, on a provider written from documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from conformance import check
from conformance.model import Tier, Verdict
from conformance.result import Result
from tests.conformance.independent.nanogpt import FAIL_WORD, KEYS, Job, Json, Problem, Provider

MONEY = "nanogpt.money"


def judged(provider: Provider, *only: str, tier: Tier = Tier.FUZZ, jobs: int | None = None) -> Any:
    return check(
        provider="nanogpt", app=provider.app, keys=KEYS, base_url="http://nano.test", tier=tier,
        trigger=("", FAIL_WORD), only=only, generator=False, wait_seconds=1.0, shrink=False,
        max_jobs=jobs,
    )  # fmt: skip


def verdicts(result: Result) -> dict[str, Verdict]:
    return {each.rule.id.rpartition(".")[2]: each.verdict for each in result.results}


class AtTheEnd(Provider):
    """Takes nothing before a job is complete, and then a moment later."""

    moment = 0.1

    def start(self, key: str, given: Json, cost: float) -> Job:
        """Take a job for nothing."""
        job = super().start(key, given, cost)
        self.balances[key] += cost
        job.is_refunded = True
        return job

    def settle(self) -> None:
        """Charge for what has been complete for a moment."""
        for job in self.jobs.values():
            job.born += self.moment
            is_over = job.phase(self.seconds) == "COMPLETED"
            job.born -= self.moment
            if is_over and job.is_refunded:
                job.is_refunded = False
                self.balances[job.owner] -= job.cost


class InNano(Provider):
    """Is paid in Nano, and tells costs in dollars."""

    async def balance(self, request: Request) -> Response:
        """Answer the balance: a thousandth of it, in Nano."""
        found: Any = await super().balance(request)
        held = self.balances[self.caller(request)] / 1000
        return told(found, usd_balance="0.00", nano_balance=f"{held:.6f}")

    def receipt(self, job: Job) -> Json:
        """Answer what remains in Nano."""
        held = round(self.balances[job.owner] / 1000, 6)
        return super().receipt(job) | {"paymentSource": "XNO", "remainingBalance": held}


class ToCents(Provider):
    """Rounds whatever it shows to cents."""

    async def balance(self, request: Request) -> Response:
        """Answer the balance in whole cents."""
        held = self.balances[self.caller(request)]
        return told(await super().balance(request), usd_balance=f"{held:.2f}")


class ToppedUp(Provider):
    """Has accounts that are topped up when they run out."""

    def __init__(self, seconds: float = 0.4) -> None:
        super().__init__(seconds)
        self.balances = dict.fromkeys(KEYS, 0.1)

    def start(self, key: str, given: Json, cost: float) -> Job:
        """Top up, then charge."""
        if self.balances[key] < cost:
            self.balances[key] += 50
        return super().start(key, given, cost)


class Silent(Provider):
    """Says nothing of money in its submissions, takes nothing, and tells no final cost."""

    def start(self, key: str, given: Json, cost: float) -> Job:
        """Take a job for nothing."""
        return super().start(key, given, 0.0)

    def receipt(self, job: Job) -> Json:
        """Answer without money."""
        hidden = ("cost", "paymentSource", "remainingBalance")
        return {n: value for n, value in super().receipt(job).items() if n not in hidden}

    def data(self, request: Request, job: Job) -> Json:
        """Answer without a cost."""
        return {n: value for n, value in super().data(request, job).items() if n != "cost"}


def told(response: Response, **members: Any) -> Response:
    """Return a JSON reply with some members changed."""
    return JSONResponse(json.loads(bytes(response.body)) | members, response.status_code)


WITHOUT_402 = {"nanogpt.money.enough", "nanogpt.errors.balance", "nanogpt.errors.required-balance"}
"""What nobody can judge whose account never has too little."""

RIGHT = [Provider, AtTheEnd, InNano, ToCents, ToppedUp, Silent]


@pytest.mark.parametrize("kind", RIGHT)
def test_money_is_right(kind: type[Provider]) -> None:
    result = judged(kind(seconds=0.15), MONEY)
    assert [(r.rule.id, r.failures[0].message) for r in result.results if r.failures] == []
    assert Verdict.INCONCLUSIVE not in verdicts(result).values()


def test_jobs_of_other_drivers_that_are_billed_late_disturb_nothing() -> None:
    result = judged(AtTheEnd(seconds=0.15))
    found = {r.rule.id: r.verdict for r in result.results if r.rule.area == "money"}
    skipped = {rule for rule, verdict in found.items() if verdict is Verdict.SKIP}
    assert skipped == WITHOUT_402
    assert {verdict for rule, verdict in found.items() if rule not in skipped} == {Verdict.PASS}


def test_every_rule_is_judged() -> None:
    found = verdicts(judged(Provider(seconds=0.15), MONEY))
    assert found.pop("enough") is Verdict.SKIP
    assert set(found.values()) == {Verdict.PASS}


def test_what_is_not_told_is_not_judged() -> None:
    found = verdicts(judged(Silent(seconds=0.15), MONEY))
    assert found["charged"] is found["remaining"] is found["estimate"] is Verdict.SKIP


def test_balance_of_a_paid_run_needs_no_further_job() -> None:
    provider = Provider(seconds=0.15)
    result = judged(provider, MONEY, tier=Tier.PAID, jobs=2)
    assert len(provider.jobs) == 2
    assert verdicts(result)["charged"] is verdicts(result)["refunded"] is Verdict.PASS


class Twice(Provider):
    """Charges when a job is taken, and again when it is complete."""

    def settle(self) -> None:
        """Charge once more for what is complete."""
        super().settle()
        for job in self.jobs.values():
            if not job.is_refunded and job.phase(self.seconds) == "COMPLETED":
                job.is_refunded = True
                self.balances[job.owner] -= job.cost


class Late(AtTheEnd):
    """Charges when a job is taken, and again long after it is complete."""

    moment = 0.2

    def start(self, key: str, given: Json, cost: float) -> Job:
        """Charge at once."""
        job = super().start(key, given, cost)
        self.balances[key] -= cost
        return job


class Keeps(Provider):
    """Keeps what failed jobs have cost."""

    def settle(self) -> None:
        """Give nothing back."""


class Overpays(Provider):
    """Gives back twice what a failed job has cost."""

    def settle(self) -> None:
        """Give back too much."""
        before = dict(self.balances)
        super().settle()
        for key, held in before.items():
            self.balances[key] += self.balances[key] - held


class Still(Provider):
    """Has balances that never move, and tells of costs all the same."""

    def caller(self, request: Request) -> str:
        """Fill every account up."""
        self.balances = dict.fromkeys(KEYS, 9000.0)
        return super().caller(request)


class Misplaces(Provider):
    """Charges the second account for everybody's jobs."""

    def start(self, key: str, given: Json, cost: float) -> Job:
        """Charge the wrong account."""
        job = super().start(key, given, cost)
        self.balances[key] += cost
        self.balances[KEYS[1]] -= cost
        return job


class Eager(Provider):
    """Charges before it looks at what was asked."""

    async def submit(self, request: Request) -> Response:
        """Charge, then check."""
        try:
            return await super().submit(request)
        except Problem:
            self.balances[self.caller(request)] -= 0.21
            raise


class Behind(Provider):
    """Answers a submission with the balance before it."""

    def receipt(self, job: Job) -> Json:
        """Forget the cost."""
        found = super().receipt(job)
        return found | {"remainingBalance": round(found["remainingBalance"] + job.cost, 4)}


class Dearer(Provider):
    """Tells of a final cost that it does not take."""

    def data(self, request: Request, job: Job) -> Json:
        """Tell of twice the cost."""
        found = super().data(request, job)
        return found | ({"cost": 2 * job.cost} if "cost" in found else {})


WRONG = [
    (Twice, "charged"),
    (Late, "refunded"),
    (Still, "charged"),
    (Dearer, "charged"),
    (Misplaces, "charged"),
    (Misplaces, "other-account"),
    (Keeps, "refunded"),
    (Overpays, "refunded"),
    (Eager, "refusals"),
    (Behind, "remaining"),
]


@pytest.mark.parametrize(("kind", "rule"), WRONG)
def test_money_is_wrong(kind: type[Provider], rule: str) -> None:
    assert verdicts(judged(kind(seconds=0.15), MONEY))[rule] is Verdict.FAIL
