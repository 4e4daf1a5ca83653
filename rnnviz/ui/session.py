"""One visitor's choices: where they come from, and how they get into the link.

The rule has three lines. A link decides when a visitor arrives, and again whenever the address changes by
something other than this app writing it (back, forward, a link to a page). A menu click arrives with an empty
address, and what was set before goes along. In between, the widgets decide and the address follows them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from rnnviz import fields
from rnnviz.architectures.config import Shape
from rnnviz.attention.config import PairConfig, PoolConfig
from rnnviz.chosen import Chosen
from rnnviz.experiment import FIELDS as EXPERIMENT_FIELDS
from rnnviz.experiment import Experiment
from rnnviz.forecast.config import ForecastConfig
from rnnviz.race import Race
from rnnviz.ui import view as views
from rnnviz.ui import view_attention, view_inside
from rnnviz.ui.view import View

CHOSEN: dict[str, tuple[str, type[Chosen]]] = {
    "race": ("training", Race),
    "forecast": ("forecast", ForecastConfig),
    "pool": ("attention", PoolConfig),
    "pair": ("attention", PairConfig),
    "shape": ("architectures", Shape),
}
"""What is chosen for one page alone, by its name in the session: the page, and what it is."""

KNOWN = {
    known.query
    for table in (EXPERIMENT_FIELDS, views.FIELDS, *(kind.fields for _, kind in CHOSEN.values()))
    for known in table
}

OF_PAGE: dict[str, tuple[str, ...]] = {
    "cell": tuple(known.name for known in view_inside.FIELDS),
    "training": ("run", "train", "inside", "epoch", "temperature"),
    "forecast": ("forecast", "part", "compared", "backtest", "leaks", "zoom", "sample"),
    "attention": tuple(known.name for known in view_attention.ATTENTION),
    "architectures": tuple(known.name for known in view_attention.ARCHITECTURES),
}
"""Settings of the view that stand in the link of one page alone, beside what is :data:`CHOSEN` there."""


@dataclass
class Session:
    """A visitor's choices between two runs of the script.

    ``version`` grows whenever something other than a widget changed a value; widgets then take the value over.
    ``adopted`` is the last address that decided: after a visit by a link the browser sends that link with every
    later run, whatever the address bar says by then. ``written`` holds what this app lately put there itself.
    ``synced`` holds the version that each widget has taken over.
    ``typed`` keeps the text and the numbers while another signal is on, so that going back finds them again.
    """

    experiment: Experiment = field(default_factory=Experiment)
    view: View = field(default_factory=View)
    race: Race = field(default_factory=Race)
    forecast: ForecastConfig = field(default_factory=ForecastConfig)
    pool: PoolConfig = field(default_factory=PoolConfig)
    pair: PairConfig = field(default_factory=PairConfig)
    shape: Shape = field(default_factory=Shape)
    version: int = 0
    run: int = 0
    page: str | None = None
    notes: list[str] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    written: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=64))
    adopted: dict[str, str] = field(default_factory=dict)
    synced: dict[str, int] = field(default_factory=dict)

    def sync(self, key: str, value: Any) -> None:
        """Give a widget its value before it is drawn, unless the widget itself is ahead."""
        if key not in st.session_state or self.synced.get(key) != self.version:
            st.session_state[key] = value
            self.synced[key] = self.version

    def query(self) -> dict[str, str]:
        """What the page shows as query parameters."""
        elsewhere = {name for page, names in OF_PAGE.items() if page != self.page for name in names}
        shown = [known for known in views.FIELDS if known.name not in elsewhere]
        view = fields.format(shown, self.view, omit_defaults=True)
        if self.page not in {page for page, _ in CHOSEN.values()}:
            return self.experiment.to_query() | view
        experiment = fields.format(EXPERIMENT_FIELDS, self.experiment, omit_defaults=True)
        for name, (page, _) in CHOSEN.items():
            if page == self.page:
                experiment |= getattr(self, name).to_query()
        return experiment | view

    def assign(self, **changes: Any) -> None:
        """Set fields of the experiment from outside its widgets, which then follow."""
        self.experiment = replace(self.experiment, **changes)
        self.version += 1

    def present(self, on: bool) -> None:
        """Turn projector mode on or off."""
        self.view = replace(self.view, present=on)
        self.version += 1

    def reset(self) -> None:
        """Back to the defaults, projector mode excepted."""
        self.experiment = Experiment()
        for name, (_, kind) in CHOSEN.items():
            setattr(self, name, kind())
        self.view = View(present=self.view.present)
        self.version += 1


def current() -> Session:
    """This visitor's session, made at the first call."""
    if "session" not in st.session_state:
        st.session_state["session"] = Session()
    session: Session = st.session_state["session"]
    return session


def begin(page: str) -> Session:
    """Take over what the address says, where it has something to say. Called once at the start of each run."""
    session = current()
    address = {key: value for key, value in st.query_params.to_dict().items() if key in KNOWN}
    arrived, session.page = session.page != page, page
    session.version += arrived  # the page's widgets are new and take over what is set
    session.notes = []
    if address and (arrived or (address != session.adopted and address not in session.written)):
        _adopt(session, address)
    return session


def _adopt(session: Session, address: dict[str, str]) -> None:
    experiment, notes = Experiment.from_query(address)
    values, more = fields.parse(views.FIELDS, address)
    session.experiment, session.view, session.notes = experiment, View(**values), notes + more
    for name, (_, kind) in CHOSEN.items():
        chosen, others = fields.parse(kind.fields, address)
        session.notes += others
        if name == "race":
            chosen["text"] = session.race.text  # stands in no link
        setattr(session, name, kind(**chosen))
    session.version += 1
    session.adopted = address


def finish(session: Session) -> str:
    """The query string that belongs into the address bar, remembered as written by this app.

    The address of the first page stays clean until something is set.
    """
    session.run += 1
    query = (
        {}
        if not session.page and (session.experiment, session.view) == (Experiment(), View())
        else session.query()
    )
    if not session.written or session.written[-1] != query:
        session.written.append(query)
    return urlencode(query)
