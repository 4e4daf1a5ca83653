"""Only so many at once, never fewer because somebody waited, failed, or nested."""

import threading
import time

import pytest

from rnnviz.ui import turns


class Room:
    """Counts who is in it."""

    def __init__(self) -> None:
        self.lock, self.inside, self.most = threading.Lock(), 0, 0

    def enter(self) -> None:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.02)
        with self.lock:
            self.inside -= 1


def crowd(work: object, count: int = 12) -> None:
    people = [threading.Thread(target=work) for _ in range(count)]  # type: ignore[arg-type]
    for one in people:
        one.start()
    for one in people:
        one.join(10)
        assert not one.is_alive()


def test_so_many_at_once_and_no_more() -> None:
    room = Room()

    def work() -> None:
        with turns.turn(), turns.turn():  # a turn within a turn is the same one
            room.enter()

    crowd(work)
    assert room.most == turns.ABREAST


def test_who_waits_steps_aside_and_takes_a_turn_again() -> None:
    waiting, running = Room(), Room()

    def work() -> None:
        with turns.turn():
            with turns.aside():
                waiting.enter()
            running.enter()

    crowd(work)
    assert waiting.most > turns.ABREAST
    assert running.most == turns.ABREAST


def test_a_failure_gives_the_turn_back() -> None:
    def fail() -> None:
        with pytest.raises(KeyError), turns.turn(), turns.aside():
            raise KeyError

    crowd(fail, 3 * turns.ABREAST)
    room = Room()

    def work() -> None:
        with turns.turn():
            room.enter()

    crowd(work)
    assert room.most == turns.ABREAST


def test_outside_a_turn_there_is_nothing_to_step_aside_from() -> None:
    with turns.aside(), turns.turn():
        pass
