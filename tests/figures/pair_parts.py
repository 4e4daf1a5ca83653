"""What an encoder and decoder might do and learn, by hand, for the tests of its pictures."""

from dataclasses import replace

import torch

from rnnviz.attention.config import PairConfig
from rnnviz.attention.epoch import PairEpoch
from rnnviz.attention.observed import PairSeen

CONFIG = PairConfig(contexts=("general", "last"), length=4, hidden=8, updates=40)
ALPHABET = (*"abcdefgh", "■")


def seen(context: str = "general", **more: object) -> PairSeen:
    """ "abca" backwards: the second symbol is wrong, the weights stand one place beside."""
    generator = torch.Generator().manual_seed(1)
    weights = torch.softmax(3 * torch.randn(5, 4, generator=generator), 1)
    probabilities = torch.softmax(torch.randn(5, 9, generator=generator), 1)
    parts = {
        "config": CONFIG,
        "context": context,
        "example": 3,
        "source": tuple("abca"),
        "said": tuple("adba■"),
        "truth": tuple("acba■"),
        "right": (True, False, True, True, True),
        "exact": False,
        "at": (3, 2, 1, 0, None),
        "alphabet": ALPHABET,
        "probabilities": probabilities,
        "weights": weights if context == "general" else None,
        "entropy": torch.special.entr(weights).sum(1) if context == "general" else None,
        "encoded": torch.randn(4, 8, generator=generator),
        "states": torch.randn(5, 8, generator=generator),
        "contexts": torch.randn(5, 8, generator=generator),
        "trained": (2, 4),
    }
    return PairSeen(**parts | more)


def course(context: str, last: int, **more: object) -> list[PairEpoch]:
    """The epochs 0 to ``last``: attention learns faster."""
    rate = 0.7 if context == "general" else 0.9
    return [
        PairEpoch(
            **{
                "number": number,
                "step": number,
                "loss": 2.2 * rate**number,
                "test_loss": 2.3 * rate**number,
                "symbols": 1 - rate**number,
                "exact": (1 - rate**number) ** 4,
                "by_length": [(length, (1 - rate**number) ** length) for length in range(2, 7)],
                "entropy": 1.2 * rate**number if context == "general" else None,
                "aligned": 0.05 if context == "general" else None,
                "shifted": (-1, 0.85) if context == "general" else None,
                "norm": 1.0,
                "diverged": False,
                **more,
            }
        )
        for number in range(last + 1)
    ]


def diverged(epochs: list[PairEpoch]) -> list[PairEpoch]:
    """The same, but the last one found numbers that are none."""
    nan = float("nan")
    return [*epochs[:-1], replace(epochs[-1], loss=nan, test_loss=nan, diverged=True)]
