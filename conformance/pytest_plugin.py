"""`pytest --understudy-target recoup --understudy-base-url …`: one test per rule id.

Loaded with every pytest run, so it imports nothing of the suite until it is asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from conformance.result import Result
    from conformance.rule import RuleResult


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flags."""
    group = parser.getgroup("understudy", "conformance of a provider")
    group.addoption("--understudy-target", metavar="PROVIDER", help="judge this provider's rules")
    group.addoption(
        "--understudy-base-url", default="http://127.0.0.1:8400", metavar="URL",
        help="the origin of what is judged",
    )  # fmt: skip
    group.addoption("--understudy-tier", metavar="TIER", help="free, validation, paid or fuzz")
    group.addoption("--understudy-max-jobs", type=int, metavar="N", help="start at most N jobs")
    group.addoption("--understudy-seed", type=int, default=0, metavar="N", help="seed of the run")
    group.addoption("--understudy-only", action="append", default=[], metavar="ID", help="rule ids")


_SHARED: Final = "understudy_shared"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the one run's verdicts are shared."""
    config = node.config
    if config.getoption("--understudy-target"):
        if not hasattr(config, _SHARED):
            setattr(config, _SHARED, tempfile.mkdtemp(prefix="understudy-"))
        node.workerinput[_SHARED] = getattr(config, _SHARED)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Forget what the workers shared."""
    if hasattr(config, _SHARED):
        shutil.rmtree(getattr(config, _SHARED), ignore_errors=True)


def pytest_collection(session: pytest.Session) -> None:
    """Make the run's rules known to the collection: they come as one more collector."""
    if session.config.getoption("--understudy-target"):
        session.config.pluginmanager.register(_Rules(session.config), "understudy-rules")


class _Rules:
    """Adds the rules to what pytest collected, and judges the target once, when first needed."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._told: dict[str, Told] | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Append one test per rule."""
        items += list(self._items(session))

    def _items(self, session: pytest.Session) -> Iterator[pytest.Item]:
        from conformance import profiles
        from conformance.rules import rules_for
        from conformance.selection import select
        from contracts import load

        provider = self._config.getoption("--understudy-target")
        profile = profiles.load(provider)
        rules = rules_for((load(provider),), profile)
        for rule in select(rules, self._config.getoption("--understudy-only")):
            yield RuleItem.from_parent(session, name=rule.id, rule_id=rule.id, rules=self)

    def told(self) -> dict[str, Told]:
        """Return what is to be said of each rule; the first caller makes the run.

        Workers of pytest-xdist share one run: each would start its own jobs else.
        """
        if self._told is None:
            shared = getattr(self._config, "workerinput", {}).get(_SHARED)
            self._told = self._once(Path(shared)) if shared else _all_told(self._judge())
        return self._told

    def _once(self, shared: Path) -> dict[str, Told]:
        """Judge, unless another worker has; a lock makes the others wait for it."""
        import fcntl

        held = shared / "verdicts.json"
        with (shared / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not held.exists():
                try:
                    said: Any = _all_told(self._judge())
                except Exception as error:
                    held.write_text(json.dumps({"error": str(error)}))
                    raise
                held.write_text(json.dumps({"rules": said}))
        found = json.loads(held.read_text())
        if "error" in found:
            raise CannotJudge(found["error"])
        return {name: Told(*each) for name, each in found["rules"].items()}

    def _judge(self) -> Result:
        from conformance import check
        from conformance.model import Tier

        option = self._config.getoption
        provider: str = option("--understudy-target")
        prefix = f"UNDERSTUDY_{provider.upper()}"
        keys = [os.environ.get(f"{prefix}_KEY", ""), os.environ.get(f"{prefix}_SECOND_KEY", "")]
        tier = option("--understudy-tier")
        return check(
            provider=provider,
            base_url=option("--understudy-base-url"),
            keys=keys,
            tier=Tier[tier.upper()] if tier else None,
            max_jobs=option("--understudy-max-jobs"),
            seed=option("--understudy-seed"),
            only=tuple(option("--understudy-only")),
        )


class RuleItem(pytest.Item):
    """One rule as a test: fails if it is violated, is skipped if it could not be judged."""

    def __init__(self, *, rule_id: str, rules: _Rules, **options: Any) -> None:
        super().__init__(**options)
        self._rule_id = rule_id
        self._rules = rules

    def runtest(self) -> None:
        """Look the verdict up."""
        found = self._rules.told().get(self._rule_id)
        if found is None:
            pytest.skip("the rule is not one of this target's dialect")
        if found.verdict in ("FAIL", "XPASS"):
            raise Violated(found.text)
        if found.verdict in ("SKIP", "INCONCLUSIVE"):
            pytest.skip(found.text)
        if found.verdict == "XFAIL":
            pytest.xfail(found.text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the evidence instead of a traceback of this plugin."""
        if isinstance(excinfo.value, Violated):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Return where the rule stands: its id."""
        return self.path, None, self._rule_id


class Violated(Exception):
    """A rule did not hold; the text is its evidence."""


class CannotJudge(Exception):
    """The run that the workers share could not be made; the text says why."""


class Told(NamedTuple):
    """What a test says of its rule: the verdict, and the evidence or the reason."""

    verdict: str
    text: str


def _all_told(result: Result) -> dict[str, Told]:
    from conformance.model import Verdict

    red = (Verdict.FAIL, Verdict.XPASS)
    return {
        each.rule.id: Told(
            each.verdict.value, _words(result, each) if each.verdict in red else each.reason
        )
        for each in result.results
    }


def _words(result: Result, found: RuleResult) -> str:
    from conformance.report import evidence

    lines = [f"{found.rule.level.value}: {found.rule.sentence}", f"source: {found.rule.source}"]
    for failure in found.failures[:3]:
        exchange = result.log[failure.exchange]
        lines.append(f"{failure.case} {failure.message}".strip())
        lines.append(f"$ {evidence.curl(exchange, result.provider)}")
        lines.append(f"< {evidence.reply_text(exchange)}")
    return "\n".join([*lines, f"again: {evidence.again(result, found)}"])
