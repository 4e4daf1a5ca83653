import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.attention.config import PairConfig
from rnnviz.attention.observed import PairSeen, look_pair
from rnnviz.attention.seq2seq import build_pair
from rnnviz.ui import arcs

CONFIG = PairConfig(contexts=("dot", "last", "learned", "all"), length=3, hidden=8, both=True)


def seen(context: str, config: PairConfig = CONFIG, source: str = "hgfa") -> PairSeen:
    return look_pair(config, context, build_pair(config, context).state_dict(), source)


def test_the_browser_is_told_the_symbols_and_the_weights() -> None:
    one = seen("dot")
    told = json.loads(json.dumps(arcs.steps(one), allow_nan=False))
    assert told["source"] == list("hgfa")
    assert told["said"] == list(one.said)
    assert (told["stop"], told["wanted"]) == ("■", 5)
    assert one.weights is not None
    np.testing.assert_allclose(told["weights"], one.weights, atol=1e-6)
    np.testing.assert_allclose(np.sum(told["weights"], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(
        told["sure"], one.probabilities.amax(1), atol=1e-6
    )  # it says what is most likely
    # Whatever the network says, at each of its steps the truth is known, up to its end and beyond.
    count = len(one.said)
    assert told["truth"] == [*"afgh■", *[None] * count][:count]
    assert told["at"] == [3, 2, 1, 0, None, *[None] * count][:count]
    assert told["right"] == [said == true for said, true in zip(one.said, told["truth"], strict=True)]


@pytest.mark.parametrize(
    ("context", "both", "made"),
    [("last", True, [0, 3]), ("learned", False, [3]), ("all", False, [0, 1, 2, 3]), ("dot", True, [])],
)
def test_a_fixed_context_is_made_of_these_states(context: str, both: bool, made: list[int]) -> None:
    told = arcs.steps(seen(context, replace(CONFIG, both=both)))
    assert told["made"] == made
    assert (told["weights"] is None) == bool(made)


def test_what_is_no_number_is_sent_as_null() -> None:
    one = replace(seen("dot"), weights=torch.full((len(seen("dot").said), 4), math.nan))
    assert arcs.steps(one)["weights"][0] == [None] * 4


def test_a_picture_without_a_description_is_refused() -> None:
    with pytest.raises(ValueError, match="empty alt"):
        arcs.arcs(seen("dot"), key="arcs", alt=" ", height=300)
