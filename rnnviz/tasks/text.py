"""Text, letter by letter: which character comes next?"""

from __future__ import annotations

import math
from functools import cache, cached_property
from importlib.resources import files

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from rnnviz.race import Race
from rnnviz.tasks.alphabet import REPLACEMENT, alphabet_of, cleaned, indices, known
from rnnviz.tasks.base import EXAMPLES, TEST, Batch, Task, Yardstick, check_example


@cache
def corpus(name: str) -> str:
    """A text that is shipped; where it comes from is told in data/README.md."""
    return (files("rnnviz") / "data" / f"{name}.txt").read_text(encoding="utf-8")


class Text(Task):
    """Windows of a text, one-hot over its alphabet. Answer, at every step: the next character. State starts at zero.

    Karpathy, Johnson & Fei-Fei 2015 (arXiv:1506.02078). ``alphabet`` are the V letters, ``text`` what is read after
    :func:`~rnnviz.tasks.alphabet.known`. Its last tenth, from ``start`` on, is the test part, the tenth before it, from
    ``held`` on, the validation part: windows one after the other, or, where there are too many or too few, at even
    distances. Windows to learn from lie anywhere before both. A race of the first version has no validation part.

    In a short text the test part is longer, so that :data:`EXAMPLES` windows fit into it, and so is the validation
    part, for two windows if that leaves two thirds to learn from, else for one; a window is at most a fifth of the
    text; ``notes`` says so.

    Yardsticks, all on the test windows: ln V for saying every letter is equally likely; the letters' frequencies
    p(b) = (n_b + 1) / (N + V), counted on the training part with one added to each count (Laplace); and by pairs
    p(b | a) = (n_ab + 1) / (n_a + V), which is the best that a network without memory can do, but for the ones added.
    """

    kind = "classes"
    right = "of the next characters"

    def __init__(self, race: Race) -> None:
        super().__init__(race)
        raw, tidy = cleaned(race.text if race.reads_own_text else corpus(race.corpus))
        self.alphabet = alphabet_of(raw)
        self.text, rare = known(raw, self.alphabet)
        self.channels = self.outputs = self.alphabet
        self.D = self.O = V = len(self.alphabet)
        N = len(self.text)  # at least a quarter of what was given: NFC joins no more than four
        # In the shortest texts the last bound leaves a window, and what follows it, to learn from and to choose by.
        self.length = T = min(race.length, N // 5, (N - EXAMPLES - 2) // 3)
        self.start = N - max(N // 10, 2 * T, T + EXAMPLES)
        self.held = self.start
        if race.version > 1:
            self.held -= max(N // 10, T + 1, min(2 * T, self.start // 3))
        self.notes = (*tidy, *rare, *self._short())
        self.asks = f"Say at every step which of {V} letters comes next."
        self.shows = (
            "First spaces and frequent letters, then pairs, then words. Test loss that rises while the training loss "
            "falls means learning by heart."
        )
        letters, pairs = (self._cost(*table) for table in self._tables())
        self.yardsticks = (
            Yardstick(
                "loss",
                math.log(V),
                "all letters equally likely",
                f"With {V} letters, one of them {REPLACEMENT} for all others, all equally likely: ln {V}.",
            ),
            Yardstick(
                "loss",
                letters[0],
                "letter frequencies",
                "How often each letter occurs in the training part, whatever came before.",
            ),
            Yardstick(
                "loss",
                pairs[0],
                "pairs of letters",
                "How often each letter follows the last one in the training part: about the best without memory.",
            ),
            Yardstick(
                "accuracy",
                letters[1],
                "the most frequent letter",
                "Always saying the letter that is the most frequent one in the training part.",
            ),
            Yardstick(
                "accuracy",
                pairs[1],
                "pairs of letters",
                "Saying the letter that most often follows the last one in the training part.",
            ),
        )

    @cached_property
    def codes(self) -> Int[Tensor, " N"]:
        """The whole text as places in the alphabet."""
        return torch.tensor(indices(self.text, self.alphabet))

    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """``count`` windows of the training part: x (T, B, V), y (T, B)."""
        starts = torch.randint(0, self.held - self.length, (count,), generator=generator)
        return self._windows(starts)

    @cached_property
    def test(self) -> Batch:
        """Windows of the test part in their order: x (T, B, V), y (T, B)."""
        return self._windows(self._starts)

    @cached_property
    def validation(self) -> Batch:
        """Windows of the validation part in their order: x (T, B, V), y (T, B). ``ValueError`` where there is none."""
        return self._windows(self._spread(self.held, self.start))

    def labels(self, example: int) -> tuple[str, ...]:
        """The characters of a test window."""
        check_example(example)
        start = int(self._starts[example])
        return tuple(self.text[start : start + self.length])

    @property
    def _starts(self) -> Int[Tensor, " B"]:
        return self._spread(self.start, len(self.text))

    def _spread(self, begin: int, end: int) -> Int[Tensor, " B"]:
        """Where windows of a part of the text start."""
        # The last place where a window and the character after it fit, counted from the start of the part.
        room = end - begin - self.length - 1
        if room < 0:
            raise ValueError(
                f"expected a part of more than {self.length} characters, got {end - begin}; "
                "a race of the first version has no validation part"
            )
        fit = room // self.length + 1
        if EXAMPLES <= fit <= TEST:
            return begin + self.length * torch.arange(fit)
        return begin + torch.linspace(0, room, min(max(fit, EXAMPLES), TEST, room + 1)).round().long()

    def _windows(self, starts: Int[Tensor, " B"]) -> Batch:
        both = self.codes[starts + torch.arange(self.length + 1).unsqueeze(1)]
        return Batch(one_hot(both[:-1], self.D).float(), both[1:], tuple(range(self.length)))

    def _tables(self) -> tuple[tuple[Float[Tensor, "V V"], Float[Tensor, "V V"]], ...]:
        """For letters alone and for pairs: the probability of each next letter, and the plain counts; rows: the last.

        The first letter of the text follows none, so that it counts among the letters but not among the pairs.
        """
        codes, V = self.codes[: self.held], self.D
        single = torch.bincount(codes, minlength=V).double().expand(V, V)
        double = torch.bincount(codes[:-1] * V + codes[1:], minlength=V * V).double().view(V, V)
        return tuple(((table + 1) / (table + 1).sum(1, keepdim=True), table) for table in (single, double))

    def _cost(self, chance: Float[Tensor, "V V"], counts: Float[Tensor, "V V"]) -> tuple[float, float]:
        """Mean cross-entropy in nats, and the share that the most frequent letter gets right, on the test windows."""
        before, after = self.test.x.argmax(-1), self.test.y
        right = counts.argmax(1)[before] == after
        return -chance[before, after].log().mean().item(), right.double().mean().item()

    def _short(self) -> tuple[str, ...]:
        """What a short text takes, as sentences."""
        notes: list[str] = []
        size = len(self.text)
        if self.length < self.race.length:
            notes.append(
                f"The text is short, so that windows of {self.length} characters are read, not {self.race.length}."
            )
        if size - self.start > size // 10:
            notes.append(
                f"The text is short, so that its last {size - self.start} of {size} characters are the test part, "
                "not a tenth."
            )
        if self.start - self.held > size // 10:
            notes.append(
                f"The {self.start - self.held} characters before it choose the weights that are kept, not a tenth "
                "either."
            )
        return tuple(notes)
