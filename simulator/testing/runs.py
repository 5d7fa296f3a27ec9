"""The runs of a world, read and changed from outside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote

import anyio.to_thread

from simulator.remote import ControlPlane

_MOST_LOOKS = 2000

State = Literal["queued", "working", "completed", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it was when it was read; what changes it answers the run as it then is."""

    id: str
    provider: str
    operation: str
    account: str
    mode: str
    model: str
    state: State
    stage: str
    progress: float
    cost: Decimal
    reason: str
    told: Mapping[str, Any] = field(repr=False, compare=False)
    _control: ControlPlane = field(repr=False, compare=False)
    _path: str = field(repr=False, compare=False)

    def read(self) -> "Run":
        """The run as it is now; `told` then has its plan, amendments and request."""
        return self._answered("GET", "")

    def complete(self) -> "Run":
        """Complete it now."""
        return self._answered("POST", "/complete")

    def fail(self, error: str = "upstream_failed", message: str | None = None) -> "Run":
        """Fail it now with a core error by name, such as `content_policy`; credits come back."""
        body = {"error": error} if message is None else {"error": error, "message": message}
        return self._answered("POST", "/fail", body)

    def hold(self) -> "Run":
        """Keep it where it is until it is released."""
        return self._answered("POST", "/hold")

    def release(self) -> "Run":
        """Let it go on."""
        return self._answered("POST", "/release")

    def cancel(self) -> "Run":
        """Cancel it now; credits come back."""
        return self._answered("POST", "/cancel")

    def _answered(self, method: str, how: str, body: Any = None) -> "Run":
        told = self._control.ask(method, f"{self._path}{how}", body)
        return _run(told, self._control, self._path)


class Runs:
    """All runs of a world, newest first; called with conditions, those that meet them."""

    def __init__(self, control: ControlPlane, path: str) -> None:
        self._control = control
        self._path = f"{path}/runs"

    def __call__(
        self,
        provider: str | None = None,
        *,
        account: str | None = None,
        state: State | None = None,
        limit: int = 1000,
    ) -> list[Run]:
        """List runs, newest first; `account` is an account's id."""
        told = self._control.ask(
            "GET", self._path, provider=provider, account=account, state=state, limit=limit
        )
        return [_run(item, self._control, self._place(item["id"])) for item in told["runs"]]

    def __iter__(self) -> Iterator[Run]:
        return iter(self())

    def __len__(self) -> int:
        return len(self())

    def __getitem__(self, run_id: str) -> Run:
        """Read a run by its id; raises `ControlError` (404) if there is none."""
        path = self._place(run_id)
        return _run(self._control.ask("GET", path), self._control, path)

    def latest(self, provider: str | None = None) -> Run:
        """The run that was started last; raises `LookupError` if there is none."""
        found = self(provider, limit=1)
        if not found:
            raise LookupError(f"no run{f' of {provider}' if provider else ''} was started")
        return found[0]

    async def started(self, provider: str | None = None, count: int = 1) -> Run:
        """Wait until so many runs were started, for a call that blocks; answers the latest.

        It asks over and over instead of sleeping. Raises `LookupError` if none comes.
        """
        for _ in range(_MOST_LOOKS):
            found = await anyio.to_thread.run_sync(self, provider)
            if len(found) >= count:
                return found[0]
        raise LookupError(f"{count} runs{f' of {provider}' if provider else ''} did not start")

    def complete(self, provider: str | None = None) -> Run:
        """Complete the latest run now."""
        return self.latest(provider).complete()

    def fail(
        self,
        provider: str | None = None,
        error: str = "upstream_failed",
        message: str | None = None,
    ) -> Run:
        """Fail the latest run now."""
        return self.latest(provider).fail(error, message)

    def hold(self, provider: str | None = None) -> Run:
        """Keep the latest run where it is."""
        return self.latest(provider).hold()

    def release(self, provider: str | None = None) -> Run:
        """Let the latest run go on."""
        return self.latest(provider).release()

    def cancel(self, provider: str | None = None) -> Run:
        """Cancel the latest run now."""
        return self.latest(provider).cancel()

    def _place(self, run_id: str) -> str:
        return f"{self._path}/{quote(run_id, safe='')}"


def _run(told: Mapping[str, Any], control: ControlPlane, path: str) -> Run:
    outcome = told["outcome"] or {}
    return Run(
        id=told["id"],
        provider=told["provider"],
        operation=told["operation"],
        account=told["account"],
        mode=told["mode"],
        model=told["model"],
        state=told["state"],
        stage=told["stage"],
        progress=told["progress"],
        cost=Decimal(told["cost"]),
        reason=outcome.get("reason", ""),
        told=told,
        _control=control,
        _path=path,
    )
