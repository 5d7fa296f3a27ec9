"""Every example exchange comes back as expected, in every dialect it speaks of."""

from collections import Counter
from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from contracts import load
from tests.exchanges.cases import Case, all_cases
from tests.exchanges.stage import Stage

CASES = all_cases()


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_an_exchange_comes_back_as_expected(
    portal: BlockingPortal, stage: Stage, case: Case
) -> None:
    assert portal.call(stage.play, case) == []


def test_every_case_is_there_under_a_name_of_its_own() -> None:
    counts = Counter((case.provider, case.dialect) for case in CASES)
    assert counts == {
        ("recoup", "documented"): 270,
        ("recoup", "live"): 270,
        ("nanogpt", "documented"): 171,
        ("leonardo", "documented"): 116,
    }
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("provider", ["recoup", "nanogpt", "leonardo"])
def test_every_operation_has_a_case(provider: str) -> None:
    tried = {
        (case.data["method"], case.data["path"]) for case in CASES if case.provider == provider
    }
    for operation in load(provider).operations:
        assert any(
            operation.method == method and _fits(operation.path, path) for method, path in tried
        ), operation.id


def _fits(template: str, path: str) -> bool:
    parts = list(zip(template.split("/"), path.split("/"), strict=False))
    same_length = template.count("/") == path.count("/")
    return same_length and all(part == given or part.startswith("{") for part, given in parts)
