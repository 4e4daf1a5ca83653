"""The script that is copied: it runs on its own and prints the numbers of the fit."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz import tasks
from rnnviz.race import FIELD, Race
from rnnviz.registry import CELLS
from rnnviz.training import snippet
from rnnviz.training.fitting import fit

SMALL = {"length": 6, "hidden": 5, "batch": 4, "steps": 230, "seed": 3}
POEM = "So much depends upon\na red wheel barrow – glazed with rain\t'water'\n" * 12
LINE = re.compile(r"step (\d+): loss (\S+), test loss (\S+)")


def printed(race: Race, cell: str, folder: Path) -> list[tuple[int, float, float]]:
    """What the script prints, run by Python as it is, in one thread as the workers are."""
    script = folder / "script.py"
    script.write_text(snippet.script(race, cell), "utf-8")
    if race.task == "text":
        (folder / snippet.TEXT_FILE).write_bytes(snippet.text_file(race).encode())
    done = subprocess.run(
        [sys.executable, "-I", script.name], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [(int(step), float(loss), float(test)) for step, loss, test in LINE.findall(done.stdout)]


def check(race: Race, cell: str, folder: Path) -> None:
    found = printed(race, cell, folder)
    known = [epoch for epoch in fit(race, cell) if epoch.number]
    assert [step for step, _, _ in found] == [epoch.step for epoch in known]
    for (_, loss, test), epoch in zip(found, known, strict=True):
        assert [loss, test] == pytest.approx([epoch.loss, epoch.test_loss], rel=1e-4, nan_ok=True)


@pytest.mark.parametrize("task", [name for name in FIELD["task"].values if name != "text"])
def test_every_task(task: str, tmp_path: Path) -> None:
    check(Race(task=task, cells=("gru",), **SMALL), "gru", tmp_path)


def test_a_text_of_one_s_own(tmp_path: Path) -> None:
    check(Race(task="text", corpus="own", text=POEM, cells=("gru",), **SMALL), "gru", tmp_path)


def test_the_shipped_text(tmp_path: Path) -> None:
    check(Race(task="text", **(SMALL | {"steps": 20})), "lstm", tmp_path)


@pytest.mark.parametrize("optimiser", FIELD["optimiser"].values)
def test_every_optimiser_with_and_without_clipping(optimiser: str, tmp_path: Path) -> None:
    clip = None if optimiser == "rmsprop" else 0.05
    race = Race(cells=("lstm",), optimiser=optimiser, rate=0.01, clip=clip, forget=2, **SMALL)
    check(race, "lstm", tmp_path)


@pytest.mark.parametrize(("clip", "steps"), [(None, 800), (None, 60), (100.0, 60)])
def test_it_stops_where_the_page_stops(clip: float | None, steps: int, tmp_path: Path) -> None:
    """With 800 steps in an epoch's midst, at a step that is not taken; with 60 at an epoch's end."""
    more = {"length": 60, "hidden": 32, "steps": steps}
    race = Race(task="copy", cells=("rnn_relu",), optimiser="momentum", rate=1.0, clip=clip, **(SMALL | more))
    last = list(fit(race, "rnn_relu"))[-1]
    assert last.diverged
    assert last.step < steps
    assert (last.step % race.per_epoch != 0) == (steps == 800)
    check(race, "rnn_relu", tmp_path)


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_offered_for_the_cells_that_pytorch_has(cell: str, tmp_path: Path) -> None:
    race = Race(cells=(cell,), task="parity", **SMALL)
    assert snippet.offered(race, cell) == (CELLS[cell].torch_class is not None)
    if snippet.offered(race, cell):
        check(race, cell, tmp_path)
    else:
        with pytest.raises(ValueError, match="expected one of PyTorch's own cells"):
            snippet.script(race, cell)
    assert not snippet.offered(Race(cells=(cell,), layernorm=True), cell)
    assert not snippet.offered(Race(cells=(cell,), residual=True), cell)


def test_only_the_text_task_has_a_text() -> None:
    with pytest.raises(ValueError, match="only that one reads a text"):
        snippet.text_file(Race())


def test_a_hostile_text_stays_a_string(tmp_path: Path) -> None:
    text = "'''\"\"\"\\n{x}\\'); raise SystemExit(1) #" * 12
    race = Race(task="text", corpus="own", text=text, cells=("rnn",), **(SMALL | {"steps": 10}))
    assert set(tasks.make(race).alphabet) >= set("'\"\\{}")
    check(race, "rnn", tmp_path)
