"""Long computations: once for all who ask, with progress, and given up when nobody waits."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from rnnviz.ui.once import AbandonedError, Once, Report, Results


class Slot:
    """Stands for Streamlit's empty place; it may end the run, as a rerun does."""

    def __init__(self, leave: Callable[[], bool] = lambda: False) -> None:
        self.shares: list[float] = []
        self.words: list[str] = []
        self.emptied = 0
        self.leave = leave

    def progress(self, share: float, text: str) -> None:
        if self.leave():
            raise KeyboardInterrupt
        self.shares.append(share)
        self.words.append(text)

    def empty(self) -> None:
        self.emptied += 1


def get(shelf: Once[Any], key: object, work: Callable[[Report], Any], slot: Slot | None = None) -> Any:
    return shelf.get(key, work, slot or Slot(), "computing")  # type: ignore[arg-type]


def test_the_second_time_is_instant_and_only_so_many_are_kept() -> None:
    shelf: Once[int] = Once(2)
    asked: list[int] = []

    def work(n: int) -> Callable[[Report], int]:
        return lambda report: asked.append(n) or n * n

    assert [get(shelf, n, work(n)) for n in (1, 2, 1, 3, 1, 2)] == [1, 4, 1, 9, 1, 4]
    assert asked == [1, 2, 3, 2]  # 2 had made room for 3


def test_many_at_once_cause_one_computation() -> None:
    shelf: Once[int] = Once(2)
    begun, go = [], threading.Event()

    def work(report: Report) -> int:
        begun.append(1)
        assert go.wait(10)
        return 7

    found: list[int] = []
    people = [threading.Thread(target=lambda: found.append(get(shelf, "k", work))) for _ in range(8)]
    for one in people:
        one.start()
    time.sleep(0.2)
    go.set()
    for one in people:
        one.join(10)
    assert found == [7] * 8
    assert begun == [1]


def test_progress_is_shown_and_goes_away() -> None:
    slot = Slot()

    def work(report: Report) -> str:
        for k in range(6):
            report(k / 5)
            time.sleep(0.08)
        return "done"

    assert get(Once(1), "k", work, slot) == "done"
    assert slot.shares == sorted(slot.shares)
    assert slot.shares[0] < 1
    assert set(slot.words) == {"computing"}
    assert slot.emptied == 1


def test_what_goes_wrong_is_told_to_who_asked_and_tried_again_later() -> None:
    shelf: Once[int] = Once(2)

    def broken(report: Report) -> int:
        raise TimeoutError("too much")

    with pytest.raises(TimeoutError, match="too much"):
        get(shelf, "k", broken)
    assert get(shelf, "k", lambda report: 5) == 5


def test_work_that_nobody_waits_for_ends() -> None:
    shelf: Once[int] = Once(2)
    ended = threading.Event()

    def endless(report: Report) -> int:
        try:
            while True:
                report(0.5)
                time.sleep(0.01)
        except AbandonedError:
            ended.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        get(shelf, "k", endless, Slot(leave=lambda: True))
    assert ended.wait(5)
    assert get(shelf, "k", lambda report: 3) == 3


def test_quick_results_come_without_a_report_and_slow_ones_with_one() -> None:
    asked: list[tuple[int, bool]] = []

    def work(n: int, report: Report | None) -> int:
        asked.append((n, report is None))
        return n * n

    results = Results(work, quick=2, slow=1)
    slot: Any = Slot()
    assert [results.get(n, slot, None) for n in (1, 2, 1, 3, 1, 2)] == [1, 4, 1, 9, 1, 4]
    assert asked == [(1, True), (2, True), (3, True), (2, True)]  # 2 had made room for 3
    asked.clear()
    assert [results.get(n, slot, "computing") for n in (5, 5, 6, 5)] == [25, 25, 36, 25]
    assert asked == [(5, False), (6, False), (5, False)]
