from collections.abc import Iterable
from typing import cast

import pytest

from bioimageit_flow.engine import known_results
from bioimageit_flow.engine.known_results import KnownResults
from bioimageit_flow.model.ids import JobId, Sha256
from bioimageit_flow.model.run import KnownResult
from bioimageit_flow.stores.protocol import Store

ONE, TWO, THREE = (Sha256(digit * 64) for digit in "123")


class AskedStore:
    """Knows some results, and notes what it is asked."""

    def __init__(self, *known: Sha256) -> None:
        self.known = set(known)
        self.asked: list[list[Sha256]] = []

    def known_results(
        self, fingerprints: Iterable[Sha256], *, with_cleaned: bool
    ) -> dict[Sha256, KnownResult]:
        assert with_cleaned
        wanted = list(fingerprints)
        self.asked.append(wanted)
        return {
            one: KnownResult(JobId(f"job {one[0]}"), ())
            for one in wanted
            if one in self.known
        }


def of(store: AskedStore) -> KnownResults:
    return KnownResults(cast("Store", store))


def test_what_the_plan_has_found_the_run_need_not_ask_again() -> None:
    store = AskedStore(ONE, TWO)
    results = of(store)

    first = results.of([ONE, TWO, THREE])
    again = results.of([TWO, ONE])

    assert set(first) == {ONE, TWO}
    assert again == first
    assert store.asked == [[ONE, TWO, THREE]]


def test_what_was_not_there_is_asked_for_again() -> None:
    store = AskedStore(ONE)
    results = of(store)
    results.of([ONE, THREE])
    store.known.add(THREE)

    assert set(results.of([ONE, THREE])) == {ONE, THREE}
    assert store.asked[1:] == [[THREE]]


def test_what_is_gone_is_forgotten() -> None:
    store = AskedStore(ONE)
    results = of(store)
    results.of([ONE])
    store.known.clear()

    results.forget(ONE)

    assert results.of([ONE]) == {}


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_results, "REMEMBERED", 1)
    store = AskedStore(ONE, TWO, THREE)
    results = of(store)

    for one in (ONE, TWO, THREE, ONE, TWO):
        assert set(results.of([one])) == {one}

    assert store.asked == [[ONE], [TWO], [THREE], [TWO]]
