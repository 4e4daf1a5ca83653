"""The norm of the whole gradient over the training, before and after clipping."""

from __future__ import annotations

from typing import Any

from rnnviz.figures import base
from rnnviz.figures import training_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.race import Race

_LINE = 0.07


@Drawing
def norms(epochs: common.Epochs, race: Race) -> Spec:
    """The gradient's norm, the mean over an epoch's steps: before clipping thick, after it thin; threshold dotted."""
    found = common.courses(epochs, race)
    thin = [one.values(lambda epoch: epoch.clipped) for one in found]
    strong = [one.values(lambda epoch: epoch.norm) for one in found]
    low, top = common.decades([*thin, *strong], -2.0, 1.0, cap=5.0)
    data: list[dict[str, Any]] = []
    if race.clip is not None:
        data += [
            one.line(common.positive(values), "after clipping", strong=False)
            for one, values in zip(found, thin, strict=True)
        ]
    for one, values in zip(found, strong, strict=True):
        most = one.values(lambda epoch: epoch.norm_max)
        line = one.line(common.positive(values), "gradient norm")
        hover = line["hovertemplate"].replace("<extra>", ", at most %{customdata:.4g}<extra>")
        data.append({**line, "customdata": most, "hovertemplate": hover})
    ends, wanted = common.tips(found, strong, "gradient norm", low, top)
    words = "  not clipped"
    if race.clip is not None:
        words = f"  thin: after clipping at {race.clip:g}, dotted"  # all of it has to fit a phone
    notes = [base.title(f"<b>gradient norm</b>{words}", 0), *common.names(found, wanted, low, top, 0, _LINE)]
    notes += base.present([common.waiting(found)])
    shapes = [] if race.clip is None else [common.level(race.clip, 0)]
    layout = {
        "hovermode": "closest",
        "xaxis": {**common.step_axis(race), "domain": [0, 0.82]},
        "yaxis": {"type": "log", "range": [low, top], **common.ticks(low, top), "showgrid": True},
        "annotations": notes,
        "shapes": shapes,
    }
    return base.spec(f"norms-{race.task}-{race.steps}", [*data, ends], layout)
