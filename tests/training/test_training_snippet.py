"""The script that is copied: it runs on its own and prints the numbers of the fit."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnviz import tasks
from rnnviz.race import FIELD, Race
from rnnviz.registry import CELLS
from rnnviz.training import snippet
from rnnviz.training.epoch import Epoch, kept
from rnnviz.training.fitting import fit

SMALL = {"length": 6, "hidden": 5, "batch": 4, "steps": 230, "seed": 3}
POEM = "So much depends upon\na red wheel barrow – glazed with rain\t'water'\n" * 12
Run = Callable[[Path], "subprocess.CompletedProcess[str]"]
Check = Callable[[Race, str], Epoch]
LINE = re.compile(r"step (\d+): loss (\S+), validation loss (\S+), test loss (\S+)")
KEPT = re.compile(r"kept: step (\d+), validation loss (\S+), test loss (\S+)")


def by_a_fresh_python(script: Path) -> subprocess.CompletedProcess[str]:
    """Nothing is loaded before it."""
    return subprocess.run(
        [sys.executable, "-I", script.name], cwd=script.parent, capture_output=True, text=True, check=False
    )


def printed(race: Race, cell: str, folder: Path, run: Run) -> str:
    """What the script prints, run by Python as it is, in one thread as the workers are."""
    script = folder / "script.py"
    script.write_text(snippet.script(race, cell), "utf-8")
    if race.task == "text":
        (folder / snippet.TEXT_FILE).write_bytes(snippet.text_file(race).encode())
    done = run(script)
    assert done.returncode == 0, done.stderr
    return done.stdout


def compare(race: Race, cell: str, folder: Path, run: Run) -> Epoch:
    """The script prints what the fit finds, and keeps the same weights; gives the fit's last epoch."""
    text = printed(race, cell, folder, run)
    found, epochs = LINE.findall(text), list(fit(race, cell))
    known = epochs[1:]
    assert [int(step) for step, *_ in found] == [epoch.step for epoch in known]
    for (_, *losses), epoch in zip(found, known, strict=True):
        wanted = [epoch.loss, epoch.validation_loss, epoch.test_loss]
        assert [float(loss) for loss in losses] == pytest.approx(wanted, rel=1e-4, nan_ok=True)
    ((step, *losses),) = KEPT.findall(text)
    best = kept(epochs)
    assert best is not None
    assert int(step) == best.step
    assert [float(loss) for loss in losses] == pytest.approx([best.validation_loss, best.test_loss], rel=1e-4)
    return known[-1]


@pytest.fixture
def check(run_alone: Run, tmp_path: Path) -> Check:
    """`check(race, cell)` compares the script with the fit."""
    return lambda race, cell: compare(race, cell, tmp_path, run_alone)


@pytest.mark.parametrize("task", [name for name in FIELD["task"].values if name != "text"])
def test_every_task(task: str, check: Check) -> None:
    check(Race(task=task, cells=("gru",), **SMALL), "gru")


def test_a_text_of_one_s_own(check: Check) -> None:
    check(Race(task="text", corpus="own", text=POEM, cells=("gru",), **SMALL), "gru")


def test_the_shipped_text(tmp_path: Path) -> None:
    compare(Race(task="text", **(SMALL | {"steps": 20})), "lstm", tmp_path, by_a_fresh_python)


@pytest.mark.parametrize("optimiser", FIELD["optimiser"].values)
def test_every_optimiser_with_and_without_clipping(optimiser: str, check: Check) -> None:
    clip = None if optimiser == "rmsprop" else 0.05
    race = Race(cells=("lstm",), optimiser=optimiser, rate=0.01, clip=clip, forget=2, **SMALL)
    check(race, "lstm")


@pytest.mark.parametrize(("clip", "steps"), [(None, 800), (None, 60), (100.0, 60)])
def test_it_stops_where_the_page_stops(clip: float | None, steps: int, check: Check) -> None:
    """With 800 steps in an epoch's midst, at a step that is not taken; with 60 at an epoch's end."""
    more = {"length": 60, "hidden": 32, "steps": steps}
    race = Race(task="copy", cells=("rnn_relu",), optimiser="momentum", rate=1.0, clip=clip, **(SMALL | more))
    last = check(race, "rnn_relu")
    assert last.diverged
    assert last.step < steps
    assert (last.step % race.per_epoch != 0) == (steps == 800)


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_offered_for_the_cells_that_pytorch_has(cell: str, check: Check) -> None:
    race = Race(cells=(cell,), task="parity", **SMALL)
    assert snippet.offered(race, cell) == (CELLS[cell].torch_class is not None)
    if snippet.offered(race, cell):
        check(race, cell)
    else:
        with pytest.raises(ValueError, match="expected one of PyTorch's own cells"):
            snippet.script(race, cell)
    assert not snippet.offered(Race(cells=(cell,), layernorm=True), cell)
    assert not snippet.offered(Race(cells=(cell,), residual=True), cell)


@pytest.mark.parametrize("task", ["labels", "text"])
def test_of_the_first_version_it_prints_what_that_one_found(
    task: str, tmp_path: Path, run_alone: Run
) -> None:
    """Old runs show their own numbers: no validation part, and all of the text before the test part is read."""
    own = {"corpus": "own", "text": POEM} if task == "text" else {}
    race = Race(task=task, cells=("gru",), version=1, **(SMALL | {"steps": 20} | own))
    text = printed(race, "gru", tmp_path, run_alone)
    found = re.findall(r"step (\d+): loss (\S+), test loss (\S+)", text)
    known = [epoch for epoch in fit(race, "gru") if epoch.number]
    wanted = [value for one in known for value in (one.step, one.loss, one.test_loss)]
    assert [float(value) for line in found for value in line] == pytest.approx(wanted, rel=1e-4)
    assert "held" not in snippet.script(race, "gru")


def test_only_the_text_task_has_a_text() -> None:
    with pytest.raises(ValueError, match="only that one reads a text"):
        snippet.text_file(Race())


def test_a_hostile_text_stays_a_string(check: Check) -> None:
    text = "'''\"\"\"\\n{x}\\'); raise SystemExit(1) #" * 12
    race = Race(task="text", corpus="own", text=text, cells=("rnn",), **(SMALL | {"steps": 10}))
    assert set(tasks.make(race).alphabet) >= set("'\"\\{}")
    check(race, "rnn")
