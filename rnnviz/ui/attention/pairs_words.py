"""What a training of encoders and decoders shows, in sentences that quote the measured numbers, as HTML.

Nothing that a user typed goes into them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rnnviz.attention.config import ATTENDING, PairConfig
from rnnviz.attention.epoch import PairEpoch
from rnnviz.prose import listed
from rnnviz.ui.attention.settings import short
from rnnviz.ui.findings import number, share

Best = Mapping[str, PairEpoch | None]
"""By context the epoch whose weights are kept."""

FEW = 0.005
"""A share of test sources met in training from which on it is said."""

AT_IT = 0.8
"""The share of steps from which on the weights are said to stand somewhere."""


_FIXED = {
    "last": "c = h<sub>N</sub>",
    "learned": "c = g(h<sub>N</sub>)",
    "all": "c = g(h<sub>1</sub> … h<sub>N</sub>)",
}


def named(context: str) -> str:
    """The name of a context, as HTML, which does not break between its letters."""
    return _FIXED.get(context, short(context)).replace(" ", "\N{NO-BREAK SPACE}")


def sentences(
    config: PairConfig,
    epochs: Mapping[str, Sequence[PairEpoch]],
    best: Best,
    trained: tuple[int, int],
    chance: Sequence[tuple[int, float]] = (),
    met: float | int = 0.0,
    *,
    final: bool,
) -> list[str]:
    """All that is said; ``trained`` are the lengths of the shortest and the longest sources in training.

    ``chance`` is the share of answers that guessing gets right, by length; ``met`` that of the test sources that come
    up in training.
    """
    begun = {name: one for name, one in best.items() if one is not None}
    if not begun:
        return ["Nothing has been measured yet."]
    attending = {name: one for name, one in begun.items() if one.entropy is not None}
    said = [exact(begun, trained, met) + _guessing(dict(chance), trained), *_further(begun, trained[1])]
    said += [*filter(None, (bottleneck(config, best, trained[1]), course(epochs, config.updates)))]
    said += [weights(name, one) for name, one in attending.items()]
    if attending:
        said[-1] += _even(config, trained)
        said.append(alignment(config, attending))
    elif final:
        said.append(
            "No network here has attention: a context that is the same at every step, and the first state made of "
            "h<sub>N</sub>, are all that a decoder knows of the source. Choose one with attention beside it, and "
            "compare."
        )
    return [*filter(None, said), *_diverged(begun)]


def exact(best: Mapping[str, PairEpoch], trained: tuple[int, int], met: float | int = 0.0) -> str:
    """How many answers are right from end to end, on test sources as long as those in training."""
    parts = [
        f"{named(name)} <b>{share(one.exact)}</b> ({share(one.symbols)} of the symbols; step {one.step:,})"
        for name, one in best.items()
    ]
    apart = all(one.validation_loss is not None for one in best.values())
    judges = "validation sources, drawn apart" if apart else "these very sources"
    text = (
        f"Answers right from end to end, on test sources of {trained[0]} to {trained[1]} symbols as in training: "
        f"{listed(parts)}. The step is that of the lowest loss on {judges}."
    )
    if met >= FEW:
        text += f" About {share(met)} of the test sources come up in training too, the short ones above all."
    return text


def _guessing(chance: Mapping[int, float], trained: tuple[int, int]) -> str:
    """What guessing every symbol would get right, at the shortest and the longest source in training."""
    low, top = (chance.get(length, 0.0) for length in trained)
    if not (low and top):
        return ""
    if low == top:
        return f" Guessing every symbol: {number(100 * low)} %."
    return f" Guessing every symbol: {number(100 * low)} % at {trained[0]}, {number(100 * top)} % at {trained[1]}."


def _further(best: Mapping[str, PairEpoch], longest: int) -> list[str]:
    """The same on the longest sources of the test, where they are longer than any in training."""
    beyond = max((length for one in best.values() for length, _ in one.by_length), default=0)
    if beyond <= longest:
        return []
    parts = [
        f"{named(name)} <b>{share(dict(one.by_length)[beyond])}</b>"
        for name, one in best.items()
        if beyond in dict(one.by_length)
    ]
    return [f"On sources of {beyond} symbols, longer than any in training: {listed(parts)}."]


def weights(name: str, one: PairEpoch) -> str:
    """How widely the weights are spread, and where the largest of them stand beside the truth."""
    entropy = one.entropy or 0.0
    if not math.isfinite(entropy):
        return f"The weights of {named(name)} are not finite numbers."
    text = (
        f"Weights of {named(name)}: entropy <b>{number(entropy)}</b> nats, as if "
        f"e<sup>{number(entropy)}</sup> = <b>{number(math.exp(entropy))}</b> symbols were looked at evenly"
    )
    if one.aligned is not None:
        text += f"; the largest stands at the symbol that is to be said in <b>{share(one.aligned)}</b> of the steps"
        if one.shifted is not None and one.shifted[1] > 0:
            text += f", {_beside(one.shifted[0])} in <b>{share(one.shifted[1])}</b>"
    return text + "."


def _even(config: PairConfig, trained: tuple[int, int]) -> str:
    """The entropy of equal weights."""
    low, top = trained
    if config.task == "dates":
        ends = f"{number(math.log(low))} to {number(math.log(top))}"
        return f" Spread evenly over {low} to {top} symbols it would be {ends}."
    return f" All on sources of {top} symbols; spread evenly the entropy would be ln {top} = {number(math.log(top))}."


def alignment(config: PairConfig, best: Mapping[str, PairEpoch]) -> str:
    """What the places of the largest weights say of this encoder. "" before training, and where nothing can be said."""
    known = [one for one in best.values() if one.aligned is not None and one.number > 0]
    if not known:
        return ""
    if config.encoder == "positions":
        if max(one.aligned or 0.0 for one in known) < AT_IT:
            return ""
        return "With positions alone a state knows its own symbol and no other: the weights show the alignment itself."
    text = "Attention over a recurrent encoder need not show alignment"
    off = [
        one.shifted[0] for one in known if one.shifted is not None and one.shifted[1] > (one.aligned or 0.0)
    ]
    if off:
        text += ", as here, where it stands beside more often than at it"
        if (
            config.both or min(off) > 0
        ):  # a state further on has read the symbol; one before it, forwards, has not
            text += ": a recurrent state has read its neighbours too, so that the answers need not suffer"
    elif any((one.aligned or 0.0) > 0.5 for one in known):
        text += ", though here it mostly does"
    return text + ". Train the encoder “Positions alone”, and compare."


def _beside(by: int) -> str:
    places = "one place" if abs(by) == 1 else f"{abs(by)} places"
    return f"{places} {'after' if by > 0 else 'before'} it"


def _diverged(best: Mapping[str, PairEpoch]) -> list[str]:
    return [
        f"{named(name)} diverged: a number that is not finite appeared, and it is trained no further."
        for name, one in best.items()
        if one.diverged
    ]


def bottleneck(config: PairConfig, best: Best, longest: int) -> str:
    """What the lengths show: how far one context for all falls behind. "" where there is nothing to compare."""
    attending = {name: one for name, one in best.items() if one is not None and name in ATTENDING}
    fixed = {name: one for name, one in best.items() if one is not None and name not in ATTENDING}
    if not attending or not fixed:
        return ""
    top = max(attending, key=lambda name: attending[name].exact)
    low = max(fixed, key=lambda name: fixed[name].exact)
    first, second = dict(attending[top].by_length), dict(fixed[low].by_length)
    both = sorted(length for length in first if length in second and length <= longest)
    if not both:
        return ""
    widest = max(both, key=lambda length: abs(first[length] - second[length]))
    apart = first[widest] - second[widest]
    if abs(apart) < 0.05:
        return (
            f"On the lengths in training {named(top)} and {named(low)} are nowhere 5 percentage points apart."
        )
    text = (
        f"Widest apart at {widest} symbols: {named(top)} <b>{share(first[widest])}</b>, {named(low)} "
        f"<b>{share(second[widest])}</b>."
    )
    if apart < 0:
        return text
    size = config.hidden + (config.both and config.encoder != "positions" and config.hidden % 2)
    holds = f"One context holds the whole source in {size} numbers, however long it is"
    if config.encoder == "positions" and low != "all":
        holds = "Without recurrence h<sub>N</sub> is the last symbol and its place, and knows nothing of the others"
    return f"{text} {holds}; attention has {size} numbers for each symbol."


def course(epochs: Mapping[str, Sequence[PairEpoch]], total: int) -> str:
    """How far each network was when it first got most answers right. "" where none did."""
    parts = []
    for name, found in epochs.items():
        first = next((one for one in found if one.exact >= 0.9), None)
        if first is not None:
            parts.append(f"{named(name)} at step <b>{first.step:,}</b>")
    return f"Past 90 % exact answers, first seen: {listed(parts)}, of {total:,}." if parts else ""
