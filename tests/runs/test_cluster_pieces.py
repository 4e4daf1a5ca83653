"""What a cluster needs no machines for: how work is cut into pieces, and what is said when something is wrong."""

import time
from types import SimpleNamespace

import faults_common
import pytest

from rnnviz.runs import Runs, perform, settings
from rnnviz.runs.cluster import Cluster, _fetch, compute, made
from rnnviz.runs.errors import RunsError
from rnnviz.runs.pool import Pool

distributed = pytest.importorskip("distributed")


def test_a_piece_ends_with_its_round_and_a_long_round_is_cut() -> None:
    spec = {"total": 20, "seconds": 0.01, "round": 5}
    kinds = faults_common.KINDS
    one = perform.stretch("walk", spec, None, 0, 10, kinds)
    assert ([number for _, number, _ in one.rows], one.whole, one.finished) == ([0], True, False)
    two = perform.stretch("walk", spec, one.tensors["checkpoint"], 0, 10, kinds)
    assert ([number for _, number, _ in two.rows], two.whole) == ([1, 2, 3, 4, 5], True)
    cut = perform.stretch("walk", spec, two.tensors["checkpoint"], 0, 0.015, kinds)
    assert 6 <= cut.rows[-1][1] < 10
    assert not cut.whole
    rest = perform.stretch("walk", spec, cut.tensors["checkpoint"], 10, 10, kinds)
    assert (rest.rows[-1][1], rest.finished, rest.done) == (20, True, 1.0)
    values = [(number, data["x"]) for part in (one, two, cut, rest) for _, number, data in part.rows]
    assert values == faults_common.expected(spec)


def test_machines_that_are_not_like_the_server_say_so() -> None:
    assert made().startswith("rnnviz ")
    with pytest.raises(
        RunsError, match=r"have rnnviz .*, the server has rnnviz 9.9, .*: install the same on both"
    ):
        compute('["rnnviz 9.9, torch 1, Python 2", "walk", {}, 0, 1, {}]', None)


class Came:
    """A future that came back with a fault."""

    def __init__(self, fault: Exception, status: str = "error") -> None:
        self.fault, self.status = fault, status

    def result(self, timeout: float) -> perform.Stretch:
        raise self.fault


def killed() -> Exception:
    """What Dask says of a piece on which several workers died."""
    return distributed.scheduler.KilledWorker("training-1", SimpleNamespace(address="tcp://there"), 3)


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (
            ModuleNotFoundError("No module named 'rnnviz'", name="rnnviz"),
            RunsError,
            "have no rnnviz: install",
        ),
        (killed(), RunsError, "died on this run again and again"),
        (RuntimeError("\n  Error during deserialization of the task graph"), RunsError, "the same Python"),
        (ValueError("of the work itself"), ValueError, "of the work itself"),
        (OSError("of the work itself"), OSError, "of the work itself"),
    ],
)
def test_what_went_wrong_on_a_machine_is_said(fault: Exception, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        _fetch(Came(fault))
    assert _fetch(Came(fault, "cancelled")) is None, "lost on the way: it is sent again"


def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.runs.cluster.CONNECT", 0.3)
    cluster = Cluster("tcp://127.0.0.1:1")
    cluster.look()
    assert cluster.threads == 0
    assert cluster.trouble == (
        "The cluster at tcp://127.0.0.1:1 does not answer: runs wait, and go on by themselves as soon as it does."
    )
    began = time.monotonic()
    cluster.look()
    assert time.monotonic() - began < 0.1, "it is not tried again at once"


def test_an_address_that_is_none() -> None:
    cluster = Cluster("nonsense://here")
    cluster.look()
    assert cluster.trouble.startswith("The cluster at nonsense://here cannot be used (")
    assert cluster.trouble.endswith(
        "set RNNVIZ_SCHEDULER to the tcp://host:port of a scheduler, or leave it out."
    )


def test_without_distributed_this_machine_computes(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_SCHEDULER", "tcp://127.0.0.1:1")
    assert settings.bridge() in Pool(runs).numbers
    assert runs.trouble == ""
    monkeypatch.setattr(settings, "find_spec", lambda name: None)
    assert Pool(runs, 2).numbers == [0, 1]
    assert "pip install distributed==" in Runs(runs.store.folder).trouble
