"""How often a page looks at its run, by how many watch."""

import pytest

from rnnviz.ui import watchers


@pytest.mark.parametrize(
    ("many", "seconds"), [(1, 0.8), (16, 0.8), (17, 1.6), (48, 1.6), (100, 3.2), (5000, 6.4)]
)
def test_the_more_who_watch_the_longer_the_pause(many: int, seconds: float) -> None:
    assert watchers.pause(many) == seconds


def test_the_looks_a_second_are_bounded_up_to_a_large_class() -> None:
    assert max(many / watchers.pause(many) for many in range(1, 145)) <= 45


def test_who_comes_and_goes_at_the_edge_changes_nothing() -> None:
    pause = watchers.pause(17, 0.8)
    for many in (16, 17, 15, 12):
        pause = watchers.pause(many, pause)
        assert pause == 1.6
    assert watchers.pause(11, pause) == 0.8
    assert watchers.pause(1, 6.4) == 0.8


def test_who_has_left_is_no_longer_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchers, "_seen", {})
    assert [watchers.count(who, 0.0) for who in (1, 2, 2, 3)] == [1, 2, 2, 3]
    assert watchers.count(1, 5.0) == 3
    assert watchers.count(1, 8.0) == 1
