"""The lines of a race's script that draw its batches, by task: ``batch(count, generator)`` in plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.race import Race
from rnnviz.tasks import Task, copying, flipflop, labels, sine
from rnnviz.tasks.text import Text

TEXT_FILE = "text.txt"
"""The name under which the script of the text task looks for its text."""


def _adding(race: Race, task: Task) -> str:
    return """\
def batch(count, generator):
    \"\"\"Two numbers out of T are marked, one in each half; the answer is their sum.\"\"\"
    value = torch.rand(T, count, generator=generator)
    first = torch.randint(0, T // 2, (count,), generator=generator)
    second = torch.randint(T // 2, T, (count,), generator=generator)
    marker, every = torch.zeros(T, count), torch.arange(count)
    marker[first, every] = marker[second, every] = 1
    total = value[first, every] + value[second, every]
    return torch.stack([value, marker], -1), total.view(1, count, 1)"""


def _copy(race: Race, task: Task) -> str:
    items, blank, go = copying.ITEMS, copying.BLANK, copying.GO
    return f"""\
def batch(count, generator):
    \"\"\"Ten symbols, T steps of waiting with a go at their end, and ten blanks in which to say the symbols.\"\"\"
    symbols = torch.randint(0, {len(copying.SYMBOLS)}, ({items}, count), generator=generator)
    read = torch.full((T + {2 * items}, count), {blank})  # {blank}: blank
    read[:{items}] = symbols
    read[T + {items - 1}] = {go}  # go
    said = torch.full_like(read, {blank})
    said[-{items}:] = symbols
    return one_hot(read, D).float(), said"""


def _parity(race: Race, task: Task) -> str:
    return """\
def batch(count, generator):
    \"\"\"Bits as -1 and 1; the answer at every step is 1 where the ones so far are odd in number.\"\"\"
    bits = torch.randint(0, 2, (T, count), generator=generator)
    return (2 * bits - 1).float().unsqueeze(-1), bits.cumsum(0) % 2"""


def _flipflop(race: Race, task: Task) -> str:
    return f"""\
def batch(count, generator):
    \"\"\"Three channels of rare pulses; the answer at every step is the last pulse of each.\"\"\"
    here = torch.rand(T, count, 3, generator=generator) < {flipflop.PULSE}
    pulse = here * (2.0 * torch.randint(0, 2, (T, count, 3), generator=generator) - 1)
    last = torch.where(here, torch.arange(T).view(T, 1, 1), 0).cummax(0).values
    return pulse, pulse.gather(0, last)"""


def _sine(race: Race, task: Task) -> str:
    return f"""\
def batch(count, generator):
    \"\"\"A noisy sine of random frequency and phase; the answer at every step is the next value.\"\"\"
    slow, fast = {sine.SLOWEST!r}, {sine.FASTEST!r}  # cycles a step
    frequency = slow + (fast - slow) * torch.rand(count, generator=generator)
    phase = torch.rand(count, generator=generator)
    clean = torch.sin(2 * math.pi * (torch.arange(T + 1).unsqueeze(1) * frequency + phase))
    noisy = (clean + {sine.NOISE} * torch.randn(T + 1, count, generator=generator)).unsqueeze(-1)
    return noisy[:-1], noisy[1:]"""


def _labels(race: Race, task: Task) -> str:
    return f"""\
def drawn(count, generator):
    x = torch.randn(T, count, D, generator=generator)
    return x, torch.randint(0, 2, (1, count), generator=generator)


def batch(count, generator):
    \"\"\"Some of the known sequences, each with a label that was drawn by lot.\"\"\"
    which = torch.randint(0, {labels.KNOWN}, (count,), generator=generator)
    return known_x[:, which], known_y[:, which]"""


def _text(race: Race, task: Task) -> str:
    assert isinstance(task, Text)
    starts = f"STARTS = {task._starts.tolist()}  # of the test windows"
    if race.version > 1:
        starts += f"\nHELD = {task._spread(task.held, task.start).tolist()}  # of the validation windows"
    return f"""\
text = open({TEXT_FILE!r}, encoding="utf-8", newline="").read()  # lies beside this script
alphabet = {"".join(task.alphabet)!r}
place = {{letter: k for k, letter in enumerate(alphabet)}}
codes = torch.tensor([place[letter] for letter in text])
{starts}


def windows(starts):
    both = codes[starts + torch.arange(T + 1).unsqueeze(1)]
    return one_hot(both[:-1], D).float(), both[1:]


def batch(count, generator):
    \"\"\"Windows of the training part; the answer at every step is the next letter.\"\"\"
    return windows(torch.randint(0, {task.held} - T, (count,), generator=generator))"""


BATCHES: dict[str, Callable[[Race, Task], str]] = {
    "adding": _adding,
    "copy": _copy,
    "parity": _parity,
    "flipflop": _flipflop,
    "sine": _sine,
    "labels": _labels,
    "text": _text,
}
"""The lines by task."""
