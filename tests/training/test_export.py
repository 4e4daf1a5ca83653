"""What is taken away of a network gives its numbers again, without rnnviz."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.training import build_model, export, observe_trained
from rnnviz.training.trained import Trained

CHANGES = [(False, False), (True, False), (False, True), (True, True)]


def taken(folder: Path, race: Race, cell: str, example: int = 3) -> tuple[Trained, str]:
    """A network, and the script that reads its file in the folder."""
    tensors = build_model(race, cell).state_dict()
    seen = observe_trained(race, cell, tensors, example)
    (folder / "w.safetensors").write_bytes(export.weights_file(seen, tensors))
    return seen, export.script(race, cell, seen.truth.is_floating_point(), "w.safetensors")


@pytest.mark.parametrize(("layernorm", "residual"), CHANGES)
@pytest.mark.parametrize("cell", CELLS)
def test_the_script_prints_the_numbers_of_the_page(
    cell: str,
    layernorm: bool,
    residual: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    task = "parity" if residual else "flipflop"
    race = Race(task=task, cells=(cell,), length=7, hidden=5, seed=2, layernorm=layernorm, residual=residual)
    seen, code = taken(tmp_path, race, cell)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(compile(code, "script", "exec"), found)

    layer, gradients = seen.trace.layers[0], seen.gradients.layers[0]
    near = {"rtol": 1e-4, "atol": 1e-6}
    torch.testing.assert_close(found["h"], layer.h[:, 0], **near)
    torch.testing.assert_close(found["answer"][:, 0].detach(), seen.answer, **near)
    torch.testing.assert_close(found["loss"].detach(), seen.gradients.loss, **near)
    torch.testing.assert_close(found["norm"], gradients.h_norm, **near)
    torch.testing.assert_close(found["dh"], gradients.h[:, 0], **near)
    torch.testing.assert_close(found["dx"], seen.gradients.x[:, 0], **near)
    for name, values in layer.gates.items():
        torch.testing.assert_close(torch.cat([gate[name] for gate in found["gates"]]), values[:, 0], **near)
    if layer.c is not None and gradients.c is not None:
        torch.testing.assert_close(found["c"], layer.c[:, 0], **near)
        torch.testing.assert_close(found["dc"], gradients.c[:, 0], **near)
    printed = capsys.readouterr().out
    for words, value in (("loss: ", seen.gradients.loss), ("|dL/dh| at step 7: ", gradients.h_norm[6])):
        said = float(printed.partition(words)[2].split()[0])
        assert said == pytest.approx(float(value), rel=2e-3)


def test_the_script_runs_alone(tmp_path: Path) -> None:
    seen, code = taken(tmp_path, Race(cells=("gru",), length=9, hidden=6), "gru")
    (tmp_path / "script.py").write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "import rnnviz" not in code
    assert f"answers: [{round(seen.answer.item(), 4)}]" in done.stdout
    difference = float(done.stdout.partition("largest difference to nn.GRU: ")[2].split()[0])
    assert difference < 1e-6


def test_the_file_says_what_it_is_and_keeps_a_text_private(tmp_path: Path) -> None:
    race = Race(task="text", corpus="own", text="a secret <b>, once more. " * 40, cells=("rnn",), hidden=3)
    taken(tmp_path, race, "rnn")
    assert b"secret" not in (tmp_path / "w.safetensors").read_bytes()
    with safe_open(tmp_path / "w.safetensors", "pt") as file:
        known = json.loads(file.metadata()["race"])
        assert file.metadata()["cell"] == "rnn"
        assert {"rnn.weight_hh_l0", "head.bias", "example.x", "example.y", "example.scored"} < set(
            file.keys()
        )
    assert "text" not in known
    assert known["hidden"] == 3


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of"):
        export.script(Race(), "nonesuch", True, "w")
