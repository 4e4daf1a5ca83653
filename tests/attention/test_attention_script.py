"""What is taken away of a network with attention says the same again, without rnnviz."""

import json

import pytest
import torch
from safetensors import safe_open

from rnnviz.attention.config import ATTENDING, CONTEXTS, ENCODERS, PairConfig, PoolConfig
from rnnviz.attention.export import FILE, pair_file, pool_file
from rnnviz.attention.observed import look_pair, look_pooled
from rnnviz.attention.pooling import build_pooled
from rnnviz.attention.seq2seq import build_pair
from rnnviz.attention.snippet import pair_script, pool_script
from rnnviz.tasks import pooled

NEAR = {"rtol": 1e-4, "atol": 1e-6}


def run(script, file, folder, monkeypatch):
    (folder / FILE).write_bytes(file)
    monkeypatch.chdir(folder)
    assert "rnnviz" not in script
    found = {}
    exec(compile(script, "script", "exec"), found)
    return found


@pytest.mark.parametrize(("cell", "task"), list(zip(("rnn", "lstm", "gru"), pooled.FAMILIES, strict=True)))
def test_the_script_of_a_pooling_network(cell, task, tmp_path, monkeypatch, capsys):
    config = PoolConfig(task=task, cell=cell, length=7, hidden=5)
    tensors = build_pooled(config).state_dict()
    seen = look_pooled(config, tensors, 4)
    found = run(pool_script(config), pool_file(seen, tensors), tmp_path, monkeypatch)
    assert found["answer"] == seen.said
    torch.testing.assert_close(found["weights"], seen.weights, **NEAR)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"answer: {seen.said}"
    assert printed[3] == f"step 3: {seen.weights[2]:.4f}"
    assert len(printed) == 9
    with safe_open(tmp_path / FILE, "pt") as opened:
        assert PoolConfig.from_spec(json.loads(opened.metadata()["config"])) == config


@pytest.mark.parametrize(
    ("encoder", "context"), [(encoder, context) for encoder, _ in ENCODERS for context, _ in CONTEXTS]
)
def test_the_script_of_an_encoder_and_decoder(encoder, context, tmp_path, monkeypatch, capsys):
    both = context in ("general", "all")
    config = PairConfig(
        task="dates" if encoder == "rnn" else "sort",
        encoder=encoder,
        contexts=(context,),
        length=4,
        hidden=9,
        both=both,
    )
    tensors = build_pair(config, context).state_dict()
    seen = look_pair(config, context, tensors, 2)
    found = run(pair_script(config, context), pair_file(seen, tensors), tmp_path, monkeypatch)
    assert found["answer"] == "".join(seen.said)
    torch.testing.assert_close(found["probabilities"], seen.probabilities, **NEAR)
    printed = capsys.readouterr().out
    assert f"answer: {''.join(seen.said)}\n" in printed
    assert ("weights" in found) == (context in ATTENDING)
    if seen.weights is not None:
        torch.testing.assert_close(found["weights"], seen.weights, **NEAR)
        assert f"{seen.said[0]} {seen.weights[0, 0]:.2f} {seen.weights[0, 1]:.2f}" in printed
    with safe_open(tmp_path / FILE, "pt") as opened:
        assert PairConfig.from_spec(json.loads(opened.metadata()["config"])) == config
        assert opened.metadata()["context"] == context
