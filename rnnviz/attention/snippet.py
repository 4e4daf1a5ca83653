"""A network with attention as a plain PyTorch script, which reads its weights and says what the page says."""

from __future__ import annotations

from rnnviz.attention.config import ATTENDING, CONTEXTS, PAIR_FIELD, POOL_FIELD, PairConfig, PoolConfig
from rnnviz.attention.export import FILE
from rnnviz.attention.pooling import LAYERS
from rnnviz.attention.seq2seq import build_pair
from rnnviz.tasks import pairs, pooled

_HEAD = """\
# {what}.
# {file} lies beside this script.
# pip install torch safetensors
import torch
from safetensors.torch import load_file
from torch import nn

"""

_POOL = """\
OUTPUTS = {outputs}


class Pooling(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear({hidden}, 1, bias=False)

    def forward(self, h):  # (steps, batch, units)
        weights = torch.softmax(self.score(h), 0)  # over the steps
        return (weights * h).sum(0), weights.squeeze(-1)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.{layer}({inputs}, {hidden})
        self.pool = Pooling()
        self.head = nn.Linear({hidden}, len(OUTPUTS))

    def forward(self, x):  # (steps, batch, inputs)
        h, _ = self.rnn(x)
        context, weights = self.pool(h)
        return self.head(context), weights


tensors = load_file("{file}")
x, told = tensors.pop("example.x"), tensors.pop("example.weights")
model = Network()
model.load_state_dict(tensors)
with torch.no_grad():
    output, weights = model(x)
weights = weights[:, 0]
answer = OUTPUTS[output[0].argmax()]
print("answer:", answer)
for step, weight in enumerate(weights.tolist(), 1):
    print(f"step {{step}}: {{weight:.4f}}")
print("largest difference to the page:", (weights - told).abs().max().item())
"""

_SCORES = {
    "bahdanau": (
        (
            "W_q = nn.Linear(H, H, bias=False)",
            "W_k = nn.Linear(H, H, bias=False)",
            "v = nn.Linear(H, 1, bias=False)",
        ),
        "self.v(torch.tanh(self.W_q(s) + self.W_k(h))).squeeze(-1)",
    ),
    "dot": ((), "(s * h).sum(-1)"),
    "general": (("W = nn.Linear(H, H, bias=False)",), "(s * self.W(h)).sum(-1)"),
    "concat": (
        ("W = nn.Linear(2 * H, H, bias=False)", "v = nn.Linear(H, 1, bias=False)"),
        "self.v(torch.tanh(self.W(torch.cat([s.expand_as(h), h], -1)))).squeeze(-1)",
    ),
}
"""The layers of each score, and the score of a state s (batch, H) for all states h (places, batch, H)."""

AFTER = ("dot", "general", "concat")
"""The contexts that are looked up with the state after a step, and not fed."""

_FED = "read = torch.cat([read, context], -1)"


def pool_script(config: PoolConfig, file: str = FILE) -> str:
    """A script that reads ``file``, as :func:`~rnnviz.attention.export.pool_file` writes it.

    It imports torch and safetensors, and prints the answer and the weight of every step; ``answer`` and ``weights``
    (T,) are variables of it.
    """
    task = pooled.task_of(config)
    layer = LAYERS[config.cell].__name__
    label = POOL_FIELD["task"].label_of(config.task)
    return (_HEAD + _POOL).format(
        what=f"{label}: {layer} of {config.hidden} units, and attention over its states",
        file=file,
        outputs=list(task.outputs),
        hidden=config.hidden,
        layer=layer,
        inputs=task.D,
    )


def pair_script(config: PairConfig, context: str, file: str = FILE) -> str:
    """A script that reads ``file``, as :func:`~rnnviz.attention.export.pair_file` writes it.

    It imports torch and safetensors, and prints the answer and, with attention, the weights of every step. Its
    variables, among others: ``answer``, and ``weights`` (M, S). ``ValueError`` for a context that is none of the run's.
    """
    task, model = pairs.task_of(config), build_pair(config, context)
    names = PAIR_FIELD["task"].label_of(config.task), dict(CONTEXTS)[context]
    head = [
        _HEAD.format(what=f"{names[0]}: encoder and decoder. {names[1]}", file=file).rstrip("\n"),
        "",
        f"IN = {list(task.alphabet_in)}",
        f"OUT = {list(task.alphabet_out)}  # the last one is the stop sign",
        f"H = {model.encoder.size}  # units",
    ]
    parts = [head, _encoder(config), _told(context), _decoder(config, context), _network(context)]
    text = "\n\n\n".join("\n".join(lines) for lines in parts if lines)
    return f"{text}\n\n\n" + "\n".join(_run(config, context, file)) + "\n"


def _module(name: str, layers: list[str]) -> list[str]:
    """The beginning of a class with these layers."""
    made = [f"        self.{layer}" for layer in layers]
    return [f"class {name}(nn.Module):", "    def __init__(self):", "        super().__init__()", *made]


def _encoder(config: PairConfig) -> list[str]:
    layers = ["embedding = nn.Embedding(len(IN), H)"]
    if config.encoder == "positions":
        run = [
            "place, column = torch.arange(len(source)).unsqueeze(1), torch.arange(H)",
            "angle = place / 10_000 ** ((column - column % 2) / H)",
            "sinusoids = torch.where(column % 2 == 0, angle.sin(), angle.cos())",
            "h = self.embedding(source) + sinusoids.unsqueeze(1)",
            "return h, h[-1]",
        ]
    else:
        size = "H // 2, bidirectional=True" if config.both else "H"
        layers.append(f"rnn = nn.{LAYERS[config.encoder].__name__}(H, {size})")
        state = "(state, _)" if config.encoder == "lstm" else "state"
        run = [f"h, {state} = self.rnn(self.embedding(source))", "return h, torch.cat([*state], 1)"]
    says = "    def forward(self, source):  # (places, batch) -> h of every place, and the last one"
    return [*_module("Encoder", layers), "", says, *(f"        {line}" for line in run)]


def _told(context: str) -> list[str]:
    """What stands between the two."""
    if context == "last":
        return []
    if context not in ATTENDING:
        return _module("Fixed", ["g = nn.Linear(H, H)"])
    layers, score = _SCORES[context]
    says = "    def forward(self, s, h):  # (batch, H) and (places, batch, H) -> (places, batch)"
    return [*_module("Score", list(layers)), "", says, f"        return {score}"]


def _decoder(config: PairConfig, context: str) -> list[str]:
    layer = LAYERS[config.encoder if config.encoder in LAYERS else "gru"].__name__
    return _module(
        "Decoder",
        [
            "embedding = nn.Embedding(len(OUT), H)",
            "start = nn.Linear(H, H)",
            f"rnn = nn.{layer}({'H' if context in AFTER else '2 * H'}, H)",
            "W_c = nn.Linear(2 * H, H, bias=False)",
            "W_s = nn.Linear(H, len(OUT), bias=False)",
        ],
    )


def _network(context: str) -> list[str]:
    told = ["score = Score()"] if context in ATTENDING else [] if context == "last" else ["fixed = Fixed()"]
    return _module("Network", ["encoder = Encoder()", "decoder = Decoder()", *told])


def _run(config: PairConfig, context: str, file: str) -> list[str]:
    attends = context in ATTENDING
    fixed = {
        "last": "last",
        "learned": "torch.tanh(model.fixed.g(last))",
        "all": "torch.tanh(model.fixed.g(h.mean(0)))",
    }
    look = [
        "weight = torch.softmax(model.score(s, h), 0)  # over the places",
        "context = (weight.unsqueeze(-1) * h).sum(0)",
    ]
    move = ["out, state = decoder.rnn(read.unsqueeze(0), state)", "s = out[0]"]
    step = {"before": [*look, _FED, *move], "after": [*move, *look], "none": [_FED, *move]}[
        "after" if context in AFTER else "before" if attends else "none"
    ]
    state = "(s.unsqueeze(0), torch.zeros(1, 1, H))" if config.encoder == "lstm" else "s.unsqueeze(0)"
    return [
        f'tensors = load_file("{file}")',
        'source, told = tensors.pop("example.source"), tensors.pop("example.probabilities")',
        *(['told_weights = tensors.pop("example.weights")'] if attends else []),
        "model = Network()",
        "model.load_state_dict(tensors)",
        "decoder = model.decoder",
        "",
        "said, sure" + ", weights = [], [], []" if attends else "said, sure = [], []",
        "with torch.no_grad():",
        "    h, last = model.encoder(source)",
        "    s = torch.tanh(decoder.start(last))",
        f"    state = {state}",
        *([] if attends else [f"    context = {fixed[context]}  # the same at every step"]),
        "    word = torch.tensor([len(OUT) - 1])  # before its first word a decoder reads the stop sign",
        "    for _ in told:",
        "        read = decoder.embedding(word)",
        *(f"        {line}" for line in step),
        "        logits = decoder.W_s(torch.tanh(decoder.W_c(torch.cat([context, s], -1))))",
        "        word = logits.argmax(-1)",
        "        said.append(OUT[word])",
        "        sure.append(logits[0].softmax(-1))",
        *(["        weights.append(weight[:, 0])"] if attends else []),
        "",
        'answer = "".join(said)',
        "probabilities = torch.stack(sure)",
        *(["weights = torch.stack(weights)"] if attends else []),
        'print("source:", "".join(IN[k] for k in source[:, 0]))',
        'print("answer:", answer)',
        *(
            [
                "for symbol, row in zip(said, weights.tolist()):",
                '    print(symbol, *(f"{value:.2f}" for value in row))',
            ]
            if attends
            else []
        ),
        'print("largest difference to the page:", (probabilities - told).abs().max().item())',
        *(
            ['print("the same of the weights:", (weights - told_weights).abs().max().item())']
            if attends
            else []
        ),
    ]
