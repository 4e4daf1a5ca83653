"""The section on text: what stands there is what the saved networks give, for one run alone; all text is harmless."""

import math
import re
from dataclasses import replace
from html import unescape
from typing import Any

import numpy as np
import pytest
import torch
from trainees import store
from visitor import Visitor

from rnnviz import letters
from rnnviz.race import Race
from rnnviz.runs import Runs
from rnnviz.runs.worker import Worker
from rnnviz.tasks.text import Text
from rnnviz.training import model_of
from rnnviz.training.epoch import Epoch, kept
from rnnviz.ui.training import choice, text_html, text_numbers
from rnnviz.ui.training.shown import KIND

__all__ = ["store"]

SMALL = Race(task="text", cells=("lstm", "rnn"), length=8, hidden=6, batch=4, steps=20)
HOSTILE = "<script>alert(1)</script> & \"q\" 'x' $a$ *b* \u202e\x00 🙂🏽 e\u0301\tשלום ```\n" * 8


def trained(runs: Runs, race: Race = SMALL, step: bool = False) -> str:
    """A run, computed here and now: to its end, or one epoch of it."""
    id = runs.submit(KIND, race.to_spec(), "a" * 32, step=step)
    Worker(runs).once()
    return id


def opened(id: str, **query: str) -> Visitor:
    return Visitor("training", section="text", run=id, **query)


def network(runs: Runs, id: str, which: str) -> tuple[torch.nn.Module, Text]:
    race = Race.from_spec(runs.get(id).spec)
    return model_of(race, which.split(":")[1], runs.weights(id, which)), Text(race)


def samples(visitor: Visitor) -> list[str]:
    """What is written, prompt included, as a reader sees it."""
    found = re.findall(r"<p class='rv-written' tabindex='0'><b>(.*?)</b>(.*?)</p>", visitor.html, re.S)
    return [unescape(prompt + text) for prompt, text in found]


def passage(visitor: Visitor) -> tuple[str, list[str]]:
    """The letters of the passage and their tips."""
    (found,) = re.findall(r"<p class='rv-passage'>(.*?)</p>", visitor.html, re.S)
    spans = re.findall(r"<span class='(.)' style='--p:(\d+)%' title='([^']*)'>(.*?)</span>", found, re.S)
    text = "".join(re.sub(r"<i>.*?</i>", "", sign) for *_, sign in spans)
    return unescape(text), [tip for _, _, tip, _ in spans]


def values(tips: list[str]) -> list[float]:
    return [float(tip.split("=")[1]) for tip in tips]


def pick(visitor: Visitor, key: str, value: str) -> Visitor:
    (group,) = [row for row in visitor.app.get("button_group") if row.key == key]
    return visitor._touch(group.set_value(value))


def field(visitor: Visitor) -> Any:
    (found,) = [one for one in visitor.app.text_input if one.label == "Prompt"]
    return found


def say(visitor: Visitor, prompt: str) -> Visitor:
    return visitor._touch(field(visitor).set_value(prompt))


def test_samples_and_next_letters_are_those_of_the_saved_networks(store: Runs) -> None:
    id = trained(store)
    visitor = opened(id, temp="0.5")
    for cell in ("lstm", "rnn"):
        pick(visitor, "text_cell", cell)
        (before, task), (after, _) = network(store, id, f"before:{cell}"), network(store, id, f"last:{cell}")
        expected = [
            "the " + letters.sample(before, task.alphabet, "the ", 100, 0.5, 0).text,
            "the " + letters.sample(after, task.alphabet, "the ", 200, 0.5, 0).text,
        ]
        assert samples(visitor) == expected
        bars = visitor.chart("text_likely")["data"][0]
        logits = after(torch.eye(len(task.alphabet))[[task.alphabet.index(c) for c in "the "]].unsqueeze(1))[
            -1, 0
        ]
        p = (logits.double() / 0.5).softmax(0).sort(descending=True)
        np.testing.assert_allclose(bars["x"], p.values[:5].detach(), rtol=1e-5)
    assert visitor.address["temp"] == "0.5"


def test_a_prompt_a_temperature_and_another_draw(store: Runs) -> None:
    id = trained(store)
    visitor = opened(id)
    (model, task), first = network(store, id, "last:lstm"), samples(visitor)
    visitor.click("Again")
    assert samples(visitor)[1] == "the " + letters.sample(model, task.alphabet, "the ", 200, 0.8, 1).text
    assert samples(visitor)[1] != first[1]
    visitor.drag("temperature", 2.0)
    assert visitor.view.temperature == 2
    assert samples(visitor)[1] == "the " + letters.sample(model, task.alphabet, "the ", 200, 2.0, 1).text
    say(visitor, "MACBETH")
    assert samples(visitor)[1].startswith("MACBETH")
    assert not any("alphabet" in words for words in visitor.markdown)
    say(visitor, "Ω%")
    assert any("2 of 2 characters are not in the alphabet" in words for words in visitor.markdown)
    say(visitor, "")
    assert samples(visitor)[1].startswith("⏎")
    visitor.press("train", "race")
    visitor.press("train", "text")
    assert field(visitor).value == ""


def test_the_step_and_the_loss_are_the_epochs(store: Runs) -> None:
    id = trained(store)
    visitor = opened(id)
    epochs = [Epoch.from_row(row.data) for row in store.rows(id) if row.series == "lstm"]
    assert f"step 20 · {epochs[-1].test_loss / math.log(2):.2f} bits per character" in visitor.html
    assert f"<b>Before training</b> <span>{epochs[0].test_loss / math.log(2):.2f} bits" in visitor.html
    best = kept(epochs)
    assert best is not None
    pick(visitor, "text_weights", "best")
    assert f"step {best.step} · {best.test_loss / math.log(2):.2f} bits per character" in visitor.html


def test_a_network_that_was_better_before_says_so(store: Runs) -> None:
    text = "abcd efg\n" * 30 + "gfe dcba\n" * 5
    race = replace(SMALL, cells=("rnn",), hidden=16, batch=16, steps=60, rate=0.02, corpus="own", text=text)
    id = trained(store, race)
    epochs = [Epoch.from_row(row.data) for row in store.rows(id)]
    best = kept(epochs)
    assert best is not None
    assert 0 < best.step < 60
    assert epochs[-1].test_loss > 1.02 * best.test_loss
    visitor = opened(id)
    assert (
        f"better before: <b>{best.test_loss / math.log(2):.2f}</b> bits at step <b>{best.step}</b>"
        in visitor.html
    )
    assert "learned by heart" in visitor.html
    assert "had the lowest loss on validation windows, not those tested" in visitor.html
    pick(visitor, "text_weights", "best")
    assert "better before" not in visitor.html


def test_the_colours_are_the_states_of_a_plain_run(store: Runs) -> None:
    id = trained(store)
    visitor = opened(id)
    model, task = network(store, id, "last:lstm")
    text = text_numbers.passage(task)
    x = torch.eye(len(task.alphabet))[[task.alphabet.index(sign) for sign in text]].unsqueeze(1)
    h, (_, c) = model.rnn(x)
    visitor.send("live_text_unit", {"value": {"v": 3, "seq": 1, "version": visitor.session.version}})
    shown, tips = passage(visitor)
    assert shown == text[: text_numbers.COLOURED]
    np.testing.assert_allclose(values(tips), h[: len(shown), 0, 3].detach(), atol=6e-4)
    assert tips[0].startswith("h of unit 3 = ")
    pick(visitor, "text_colours", "c")
    memory = model.rnn(x[: len(shown)])[1][1][0, 0, 3]
    np.testing.assert_allclose(values(passage(visitor)[1])[-1], memory.detach(), atol=6e-4)
    pick(visitor, "text_colours", "bits")
    log_p = model.head(h)[:, 0].double().log_softmax(1)
    bits = -log_p[torch.arange(len(text) - 1), x[1:, 0].argmax(1)].detach() / math.log(2)
    _, tips = passage(visitor)
    np.testing.assert_allclose(values(tips)[1:], bits[: len(shown) - 1], atol=6e-4)
    bars = visitor.chart("text_surprise")["data"][0]["y"]
    assert np.isnan(bars[0])
    np.testing.assert_allclose(bars[1:], bits[: len(bars) - 1], rtol=1e-4)
    assert f"{float(bits.mean()):.2f} bits per character over {len(text):,}" in visitor.html
    assert c.shape[-1] == 6


def test_telling_units_have_the_correlation_that_is_said(store: Runs) -> None:
    id = trained(store)
    visitor = opened(id)
    model, task = network(store, id, "last:lstm")
    text = text_numbers.passage(task)
    x = torch.eye(len(task.alphabet))[[task.alphabet.index(sign) for sign in text]].unsqueeze(1)
    states = model.rnn(x)[0][:, 0].detach().double().numpy()
    (button,) = [b for b in visitor.app.button if "a space" in b.label]
    unit, said = re.match(r"\*\*(\d+)\*\* .* = ([−+][\d.]+)\]", button.label).groups()
    space = [float(sign == " ") for sign in text]
    r = [np.corrcoef(space, states[:, k])[0, 1] for k in range(6)]
    assert int(unit) == int(np.argmax(np.abs(r)))
    assert float(said.replace("−", "-")) == pytest.approx(r[int(unit)], abs=0.006)
    visitor._touch(button.click())
    assert passage(visitor)[1][0].startswith(f"h of unit {unit} = ")
    assert visitor.slider("text_unit")["value"] == int(unit)


def test_while_it_learns_the_newest_weights_write(store: Runs) -> None:
    id = store.submit(KIND, SMALL.to_spec(), "a" * 32, step=True)
    visitor = opened(id)
    assert "The first weights are saved with the first epoch" in visitor.html
    assert "has saved no weights yet" in visitor.html
    seen = []
    for _ in range(3):
        Worker(store).once()
        visitor.run()
        model, task = network(store, id, "last:lstm")
        seen.append(samples(visitor)[1])
        assert seen[-1] == "the " + letters.sample(model, task.alphabet, "the ", 200, 0.8, 0).text
        assert "<b>Now</b>" in visitor.html
        store.step(id, "a" * 32)
    assert len(set(seen)) == 3


def test_equal_choices_of_two_runs_are_never_mixed_up(store: Runs) -> None:
    one, two = trained(store), trained(store, replace(SMALL, cells=("lstm",), rate=0.05))
    a, b = opened(one), opened(two)
    assert samples(a)[0] == samples(b)[0]  # the same seed: the same network before training
    assert samples(a)[1] != samples(b)[1]
    marks = {
        text_numbers.writer(found, "lstm", "last").mark[0]
        for found in (choice.find(visitor.session) for visitor in (a, b))
    }
    assert marks == {one, two}


def test_hostile_texts_are_shown_and_never_read_as_markup(store: Runs) -> None:
    race = replace(SMALL, cells=("gru",), corpus="own", text=HOSTILE)
    visitor = opened(trained(store, race))
    for prompt in ("<script>alert(1)</script>", "</b><img src=x onerror=alert(1)>", "🙂 & \u202e\x00"):
        say(visitor, prompt)
        assert "<script" not in visitor.html
        assert "<img" not in visitor.html
        assert samples(visitor)[1]
    for way in ("h", "bits"):
        pick(visitor, "text_colours", way)
        shown, _ = passage(visitor)
        assert shown == text_numbers.passage(Text(race))[: len(shown)]
    assert "\x00" not in visitor.html
    assert all(
        "<" not in tick
        for tick in re.sub(r"</?b>", "", str(visitor.chart("text_likely")["layout"])).split("'")
    )


def test_networks_that_diverged_are_shown_as_such(store: Runs) -> None:
    race = replace(SMALL, cells=("rnn_relu",), rate=1.0, optimiser="sgd", clip=None)
    id = trained(store, race)
    tensors = store.weights(id, "last:rnn_relu")
    with store.store.writing() as connection:
        from safetensors.torch import save

        broken = save({name: torch.full_like(tensor, math.nan) for name, tensor in tensors.items()})
        connection.execute(
            "UPDATE artefacts SET data = ? WHERE run = ? AND name = 'last:rnn_relu'", (broken, id)
        )
    visitor = opened(id)
    assert any("no longer finite" in words for words in visitor.markdown)
    assert "not a finite number" in visitor.html
    assert "to <b>no number of</b> bits per character" in visitor.html
    assert "It was better before" in visitor.html
    assert "learned by heart" not in visitor.html
    assert "no number" in passage(visitor)[1][5]
    pick(visitor, "text_colours", "bits")


def test_without_a_run_the_server_s_own_text_is_shown_once_for_all(store: Runs) -> None:
    visitors = [Visitor("training", section="text", owner=name) for name in ("ada", "bob")]
    assert "own example. Choose" in visitors[0].html
    Worker(store).once()
    for visitor in visitors:
        visitor.run()
        assert len(samples(visitor)) == 2
        assert "run" not in visitor.address
    assert not Worker(store).once(), "it is trained once"
    visitor = visitors[0].press("train", "race")
    assert "Adding" in visitor.html
    visitor.press("train", "text").click("Choose the task Text")
    assert visitor.session.race.task == "text"
    assert visitor.app.selectbox(key="r_task").value == "text"


def test_a_run_of_another_task_has_a_sentence_and_the_ways_on(store: Runs) -> None:
    visitor = opened(
        trained(store, Race(task="parity", cells=("gru",), length=4, hidden=2, batch=2, steps=20))
    )
    assert "press Start" in visitor.click("Choose the task Text").html
    visitor = opened(trained(store, Race(task="sine", cells=("gru",), length=4, hidden=2, batch=2, steps=20)))
    assert "networks that learn a text" in visitor.html
    visitor.click("Show the example")
    assert "own example. Choose" in visitor.html


def test_nonsense_from_the_browser_stays_legal(store: Runs) -> None:
    visitor = opened(trained(store))
    visitor.send("live_text_unit", {"value": {"v": 1e9, "seq": 1, "version": visitor.session.version}})
    assert passage(visitor)[1][0].startswith("h of unit 5 = ")
    for key in ("text_cell", "text_weights", "text_colours"):
        visitor.forge(key, "string_array_value", ["nothing"])
    assert samples(visitor)


@pytest.mark.parametrize("text", ["a" * 100 + "b\n" * 50, "\n" * 200, "ab" * 100 + "\n"])
def test_the_passage_of_a_short_text_is_never_empty(text: str) -> None:
    task = Text(replace(SMALL, corpus="own", text=text))
    found = text_numbers.passage(task)
    assert len(found) >= (len(task.text) - task.start) // 2 > 1
    assert found in task.text[task.start :]
    assert set(text_numbers.opening(task)) <= set(task.alphabet) | {" "}


def test_a_number_that_is_none_is_struck_through() -> None:
    found = text_html.coloured("a\n", [math.nan, -2.0], 1.0, "<h>")
    assert found.startswith("<p class='rv-passage'><span class='x'")
    assert "no number'>a</span>" in found
    assert "<span class='d' style='--p:100%' title='&lt;h&gt; = -2.000'><i>⏎</i>\n</span>" in found
