"""What tests of the pages that train share: a store of their own, a worker in this process, how to read the page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from visitor import Visitor

from rnnviz.runs import Runs, RunsError
from rnnviz.runs.worker import Worker
from rnnviz.ui import engine


@contextmanager
def own_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store that the pages take for the server's."""
    runs = Runs(folder)
    monkeypatch.setattr(engine, "runs", lambda: runs)
    yield runs
    runs.store.close()


def compute(runs: Runs) -> bool:
    """What a worker would do next."""
    return Worker(runs).once()


def buttons(visitor: Visitor) -> dict[str, bool]:
    """The buttons of the run by label, and whether they can be pressed."""
    return {b.label: not b.disabled for b in visitor.app.button if (b.key or "").startswith("run_")}


def timers(visitor: Visitor) -> int:
    """How many timers the last run of the whole page has set."""
    return sum(message.WhichOneof("type") == "auto_rerun" for message in visitor.messages)


def press(visitor: Visitor, key: str) -> Visitor:
    """Press the button of that key."""
    return visitor._touch(visitor.app.button(key=key).click())


@dataclass(frozen=True)
class RunsPage:
    """What holds of every page that trains: ``run`` is what its link calls a run, ``start`` the button that begins one.

    ``settings`` are those of a quick run, as the link has them.
    """

    page: str
    run: str
    start: str
    settings: Mapping[str, str]

    def trains_its_example_again(self, runs: Runs) -> None:
        """Once it was deleted."""
        visitor = Visitor(self.page)
        with runs.store.writing() as connection:
            connection.execute("DELETE FROM runs")
        assert "Next in line" in visitor.run().html

    def back_by_link(self, visitor: Visitor) -> Visitor:
        """The owner comes back by the link: all is as it was."""
        again = Visitor(self.page, owner="ada", **visitor.address)
        assert again.address == visitor.address
        assert buttons(again) == buttons(visitor)
        return again

    def guest_of(self, id: str, words: str, others: dict[str, bool]) -> Visitor:
        """Somebody else follows the link: ``words`` say so, beside "Train your own" there are these buttons."""
        guest = Visitor(self.page, owner="eve", **{self.run: id})
        assert words in guest.html
        assert buttons(guest) == {"Train your own": True, **others}
        return guest

    def train_one_s_own(self, guest: Visitor, id: str) -> None:
        """The guest of a run begins another."""
        guest.click("Train your own")
        assert guest.address[self.run] != id
        assert buttons(guest)["Stop"]

    def corrects_what_is_no_id(self) -> None:
        """It says so, and leaves it out of the link."""
        visitor = Visitor(self.page, **{self.run: "<script>"})
        assert self.run not in visitor.address
        assert len(visitor.app.toast) == 1

    def leaves_its_run_out_of_other_links(self, visitor: Visitor, *besides: str) -> None:
        """And has all of its own link again."""
        address = dict(visitor.address)
        assert not set(visitor.go("gates").address) & {self.run, *besides}
        assert visitor.go(self.page).address == address

    def says_that_the_queue_is_full(self, visitor: Visitor, id: str) -> None:
        """Beside the run that there is, until this one stops."""
        assert visitor.address[self.run] == id
        assert "class='rv-trouble'" in visitor.html
        visitor.click("Stop")
        assert "class='rv-trouble'" not in visitor.html

    def says_that_the_store_is_busy(self, monkeypatch: pytest.MonkeyPatch) -> Visitor:
        """In one sentence, and in another where a run is to begin."""

        def fail(*_: object, **__: object) -> str:
            raise RunsError("The store of runs is busy: try again in a moment.")

        monkeypatch.setattr(Runs, "submit", fail)
        visitor = Visitor(self.page, owner="ada", **self.settings)
        assert "<p class='rv-gone'>The store of runs is busy" in visitor.html
        assert timers(visitor) == 0
        visitor.click(self.start)
        assert "<p class='rv-trouble' role='alert'>The store of runs is busy" in visitor.html
        return visitor


def gone(visitor: Visitor, offered: dict[str, bool]) -> None:
    """The run of the link is no longer here: a sentence, and these buttons."""
    assert "no longer here" in visitor.html
    assert buttons(visitor) == offered
    assert timers(visitor) == 0


def example_instead(visitor: Visitor) -> None:
    """The way on from there."""
    visitor.click("Show the example")
    assert "server&#x27;s own example" in visitor.html


def failing(visitor: Visitor, runs: Runs, id: str) -> None:
    """The run fails: the page tells why, and offers to go on."""
    with runs.store.writing() as connection:
        connection.execute(
            "UPDATE runs SET state = 'failed', message = '<b>Out of memory</b>', version = version + 1 WHERE id = ?",
            (id,),
        )
    visitor.run()
    assert "&lt;b&gt;Out of memory&lt;/b&gt;" in visitor.html
    assert buttons(visitor)["Continue"]
