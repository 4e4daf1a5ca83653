"""What is said of a race: every number is that of an epoch, and nothing is claimed that was not measured."""

import math
from dataclasses import replace

import pytest
import torch

from rnnviz.race import Race
from rnnviz.tasks.base import Yardstick
from rnnviz.training.epoch import Epoch
from rnnviz.ui.training import inside_words, text_words, words

RACE = Race(cells=("gru", "rnn"), steps=300, length=4)
SIXTH = Yardstick("loss", 1 / 6, "always saying 1", "The variance of the sum.")


def epoch(cell: str, number: int, test_loss: float, **more: object) -> Epoch:
    plain = Epoch(
        cell=cell,
        number=number,
        step=3 * number,
        loss=test_loss,
        test_loss=test_loss,
        accuracy=None,
        test_accuracy=None,
        norm=0.5,
        norm_max=0.8,
        clipped=0.5,
        rate=0.005,
        saturation={"h": (0.0, 0.0)},
        profile=[0.01, 0.02, 0.05, 0.1],
        weights={"weight_hh": 1.0},
        radius=0.9,
        answer=[[0.0]],
        sure=None,
        diverged=False,
    )
    return replace(plain, **more)


def curve(cell: str, *losses: float, per_epoch: int = 3, **more: object) -> tuple[Epoch, ...]:
    return tuple(epoch(cell, k, loss, step=per_epoch * k, **more) for k, loss in enumerate(losses))


RUN = {
    "gru": curve("gru", 0.5, 0.1, 0.0094, 0.002, 0.0031),
    "rnn": curve("rnn", 0.6, 0.17, 0.165, 0.168, 0.166),
}


CHOSEN = "Loss on test sequences, of the weights that are kept: "


def judged(found: tuple[Epoch, ...], *losses: float) -> tuple[Epoch, ...]:
    """The same epochs with these validation losses."""
    return tuple(replace(one, validation_loss=loss) for one, loss in zip(found, losses, strict=True))


def test_what_is_reported_was_chosen_by_others() -> None:
    run = {
        "gru": judged(RUN["gru"], 0.5, 0.1, 0.008, 0.004, 0.0035),
        "rnn": judged(RUN["rnn"], 0.6, 0.16, 0.17, 0.17, 0.17),
    }
    said = words.race(RACE, (SIXTH,), run, final=True)
    assert said[0] == (
        f"{CHOSEN}GRU <b>0.0031</b> (step 12) and RNN (tanh) <b>0.17</b> (step 3). "
        "The step is that of the lowest loss on validation sequences, which are not counted here."
    )
    assert said[1] == (
        "The dotted line, always saying 1, stands at <b>0.167</b>; "
        "the losses are <b>2 %</b> (GRU) and <b>102 %</b> (RNN (tanh)) of it."
    )


def test_a_run_of_the_first_version_says_what_it_was_chosen_by() -> None:
    said = words.race(replace(RACE, version=1), (SIXTH,), RUN, final=True)
    assert said[0] == (
        f"{CHOSEN}GRU <b>0.002</b> (step 9) and RNN (tanh) <b>0.165</b> (step 6). "
        "The step is that of the lowest loss on these very sequences: a run of an earlier version."
    )
    assert "validation" not in " ".join(said)


def test_a_test_loss_that_is_no_number_stands_beside_no_yardstick() -> None:
    run = {"gru": judged(curve("gru", 0.5, math.inf), 0.5, 0.4), "rnn": RUN["rnn"]}
    said = words.race(RACE, (SIXTH,), run, final=True)
    assert "GRU <b>not a finite number</b> (step 3)" in said[0]
    assert said[1].endswith("the loss is <b>99 %</b> (RNN (tanh)) of it.")


def test_of_many_cells_the_best_and_the_worst_stand_beside_a_yardstick() -> None:
    names = ("lstm", "gru", "rnn", "mingru")
    run = {cell: curve(cell, 0.5, 0.1 + 0.02 * k) for k, cell in enumerate(names)}
    said = words.race(replace(RACE, cells=names), (SIXTH,), run, final=True)
    assert said[1].endswith("the losses are <b>60 %</b> (LSTM) to <b>96 %</b> (minGRU) of it.")


def test_several_yardsticks_stand_in_one_sentence_and_the_lowest_counts() -> None:
    noise = Yardstick("loss", 0.04, "the noise itself", "Its variance.")
    run = {"gru": curve("gru", 0.5, 0.05)}
    said = words.race(replace(RACE, task="sine", cells=("gru",)), (SIXTH, noise), run, final=True)
    assert said[1] == (
        "Dotted: always saying 1 at <b>0.167</b> and the noise itself at <b>0.04</b>; "
        "the loss is <b>125 %</b> (GRU) of the lowest line."
    )


def test_who_has_learned_the_task_and_when() -> None:
    said = words.race(RACE, (), RUN, final=True)
    assert "Past a test loss of 0.01, first seen: GRU at step <b>6</b>." in said
    assert "RNN (tanh) has not passed a test loss of 0.01 in all 12 steps." in said
    early = words.race(RACE, (), {"gru": RUN["gru"][:2], "rnn": RUN["rnn"][:2]}, final=False)
    assert "GRU and RNN (tanh) have not passed a test loss of 0.01 by step 3." in early
    assert not any("first seen" in one for one in early)


def test_the_threshold_itself_is_not_past_it() -> None:
    assert words.learned_at(RACE, curve("gru", 0.5, 0.01)) is None
    assert words.learned_at(RACE, curve("gru", 0.5, 0.01, 0.0099)) == 6
    parity = replace(RACE, task="parity")
    assert words.learned_at(parity, curve("gru", 0.1, test_accuracy=0.99)) is None
    assert words.learned_at(parity, curve("gru", 0.1, test_accuracy=0.991)) == 0
    assert words.learned_at(replace(RACE, task="sine"), curve("gru", 0.0)) is None


def test_learned_by_heart_is_said_only_where_it_is() -> None:
    labels = replace(RACE, task="labels", cells=("gru",))
    known = {"gru": curve("gru", 0.7, 1.9, accuracy=0.98, test_accuracy=0.51)}
    half = Yardstick("accuracy", 0.5, "guessing", "One half.")
    said = words.race(labels, (half,), known, final=True, right="of the sequences")
    assert "Their right answers there (of the sequences): GRU <b>51 %</b>; guessing: <b>50 %</b>." in said
    assert (
        "GRU is right in <b>98 %</b> of what it learns from and in <b>51 %</b> of the test sequences: "
        "what is learned by heart does not help there." in said
    )
    fair = {"gru": curve("gru", 0.7, accuracy=0.7, test_accuracy=0.55)}
    assert not any("by heart" in one for one in words.race(labels, (), fair, final=True))


def test_who_never_sees_a_sequence_twice_learns_nothing_by_heart() -> None:
    """A network that has just been thrown back is behind its epoch, and no more."""
    parity = replace(RACE, task="parity", cells=("gru",))
    thrown = {"gru": curve("gru", 0.1, 0.9, accuracy=0.98, test_accuracy=0.51)}
    assert not any("by heart" in one for one in words.race(parity, (), thrown, final=True))


def test_a_cell_that_diverged_did_not_take_all_steps() -> None:
    broken = (*curve("gru", 0.5, 0.3), epoch("gru", 2, math.nan, diverged=True))
    said = words.race(RACE, (), {"gru": broken, "rnn": RUN["rnn"]}, final=True)
    assert "GRU and RNN (tanh) have not passed a test loss of 0.01 by step 12." in said


def test_a_loss_far_above_the_yardstick_is_a_short_number() -> None:
    far = {"gru": curve("gru", 1e29)}
    said = words.race(replace(RACE, cells=("gru",)), (SIXTH,), far, final=False)
    assert said[1].endswith("the loss is <b>6.0 × 10³¹ %</b> (GRU) of it.")


def test_numbers_that_are_not_finite_are_named_and_never_win() -> None:
    broken = (*curve("gru", 0.5, 0.3), epoch("gru", 2, math.nan, diverged=True))
    said = words.race(RACE, (SIXTH,), {"gru": broken, "rnn": RUN["rnn"]}, final=True)
    assert said[0].startswith(f"{CHOSEN}GRU <b>0.3</b> (step 3)")
    assert said[-1] == (
        "GRU diverged by step <b>6</b>: a number that is not finite appeared, and it is trained no further."
    )
    lost = words.race(RACE, (SIXTH,), {"gru": curve("gru", math.inf), "rnn": RUN["rnn"]}, final=True)
    assert "GRU none that is finite" in lost[0]
    assert "GRU" not in lost[1]


def test_before_the_first_epoch_nothing_is_claimed() -> None:
    assert words.race(RACE, (SIXTH,), {"gru": (), "rnn": ()}, final=False) == [
        "Nothing has been measured yet."
    ]
    for picture in ("norms", "profile", "saturation", "weights"):
        assert inside_words.inside(RACE, {}, picture) == ["Nothing has been measured yet."]


def test_inside_quotes_the_numbers_of_its_picture() -> None:
    first = epoch("gru", 0, 0.5, norm_max=99.0)
    last = epoch(
        "gru", 1, 0.4, norm_max=2.5, profile=[0.3, 0.1, 0.1, 0.6], saturation={"z": (0.1, 0.25)}, radius=1.2
    )
    first = replace(first, saturation={"z": (0.0, 0.02)})
    run, race = {"gru": (first, last)}, replace(RACE, cells=("gru",), clip=1.0)
    assert inside_words.inside(race, run, "norms") == [
        "GRU: longest gradient <b>2.5</b> (in the epoch to step 3); something was clipped in <b>1</b> of 1 epochs."
    ]
    assert inside_words.inside(replace(race, clip=None), run, "norms") == [
        "GRU: longest gradient <b>2.5</b> (in the epoch to step 3)."
    ]
    assert inside_words.inside(race, run, "profile") == [
        "GRU: ‖∂L/∂h‖ at step 1 over that at the last step is <b>0.1</b> before training, <b>0.5</b> after step 3."
    ]
    assert inside_words.inside(race, run, "saturation") == [
        "GRU, saturated before → now: <i>z</i> 2 % → <b>35 %</b>."
    ]
    assert inside_words.inside(race, run, "weights") == [
        "GRU, before → now: ‖W<sub>hh</sub>‖ 1 → <b>1</b>, spectral radius of W<sub>hh</sub> 0.9 → <b>1.2</b>."
    ]


def test_a_step_that_is_not_finite_was_not_clipped() -> None:
    broken = (*curve("gru", 0.5), epoch("gru", 1, 0.4, norm_max=math.inf, diverged=True))
    last = epoch("gru", 2, 0.4, norm_max=3.0)
    said = inside_words.inside(replace(RACE, cells=("gru",), clip=1.0), {"gru": (*broken, last)}, "norms")
    assert "something was clipped in <b>1</b> of 2 epochs." in said[0]


def test_a_gradient_that_is_too_small_is_no_number() -> None:
    lost = {"gru": curve("gru", 0.5, 0.4, profile=[1e-41, 0.1])}
    assert inside_words.inside(replace(RACE, cells=("gru",)), lost, "profile") == [
        "GRU: ‖∂L/∂h‖ at step 1 over that at the last step is <b>0, or too small for float32</b> before training, "
        "<b>0, or too small for float32</b> after step 3."
    ]


def test_where_there_is_nothing_to_say_it_says_why() -> None:
    gru = replace(RACE, cells=("gru",))
    flat = {"gru": curve("gru", 0.5, 0.4, profile=[0.1, 0.0], saturation={}, weights={}, radius=None)}
    assert inside_words.inside(gru, flat, "profile") == [
        "The gradient at the last step is too small, or that at step 1 too large, for float32."
    ]
    assert inside_words.inside(gru, flat, "saturation") == [
        "Nothing here has an end that it could be pinned at."
    ]
    assert inside_words.inside(gru, flat, "weights") == ["There is no recurrent matrix here."]
    untrained = {"gru": flat["gru"][:1]}
    assert inside_words.inside(gru, untrained, "norms") == ["Nothing has been trained yet."]


def test_colours_of_a_unit_are_full_where_it_is_largest() -> None:
    for values, full in (
        ([0.0], 0.1),
        ([0.15, math.inf], 0.2),
        ([-0.7, 0.1], 1.0),
        ([3.5], 3.5),
        ([math.nan], 1.0),
    ):
        assert text_words.reach(torch.tensor(values)) == pytest.approx(full)
