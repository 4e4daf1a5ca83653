"""What is modelled, how prices come back from it, how the interval adapts, and what the test asks."""

from __future__ import annotations

import streamlit as st

from rnnviz.forecast.config import ForecastConfig

_MODELLED = {
    "returns": (
        r"r_t = \ln\frac{p_t}{p_{t-1}}, \qquad z_t = \frac{r_t - \mu}{\sigma}",
        r"\hat p_{t+1} = p_t\, e^{\,\mu + \sigma f(z_{t-W+1}, \dots, z_t)}",
        "The network f reads log returns, which look alike whatever the price is. μ and σ are mean and standard "
        "deviation of the training part alone. It says the next one, and the price is rebuilt from the last true "
        "price; several steps ahead from its own.",
    ),
    "differences": (
        r"d_t = p_t - p_{t-1}, \qquad z_t = \frac{d_t - \mu}{\sigma}",
        r"\hat p_{t+1} = p_t + \mu + \sigma f(z_{t-W+1}, \dots, z_t)",
        "Where a price is zero or negative there is no log return: the network f reads differences. μ and σ are mean "
        "and standard deviation of the training part alone.",
    ),
    "levels": (
        r"z_t = \frac{p_t - \min}{\max - \min}",
        r"\hat p_{t+1} = \min + (\max - \min)\, f(z_{t-W+1}, \dots, z_t)",
        "The price itself, scaled by the least and the largest price of the training part, as tutorials do it. A price "
        "beyond these is one that the network has never seen.",
    ),
}

_STYLE = "<h2 class='rv-h2'>{}</h2>"


def draw(config: ForecastConfig, kind: str) -> None:
    """The equations of a forecast; ``kind`` is what was modelled: "returns", "differences" or "levels"."""
    from rnnviz.forecast.intervals import FADING, GAMMA, WINDOW

    change, rebuilt, words = _MODELLED[kind]
    st.html(_STYLE.format("What is modelled"))
    st.latex(change)
    st.latex(rebuilt)
    st.html(f"<p class='rv-note'>{words} W = {config.window} rows.</p>")

    st.html(_STYLE.format("Interval"))
    st.latex(
        r"\alpha_{t+1} = \alpha_t + \gamma\,(\alpha - e_t), \qquad e_t = 1 \text{ where } p_t \notin C_t"
    )
    st.html(
        f"<p class='rv-note'>C<sub>t</sub> reaches to the quantile 1 − α<sub>t</sub> of the last {WINDOW} errors, "
        f"each in units of how large errors lately were (their mean, weights fading by {FADING:g} a row). "
        f"After a miss it widens, after a hit it narrows; α = {1 - config.level:.2g}, γ = {GAMMA:g}."
        "<br><span>Gibbs &amp; Candès 2021, arXiv:2106.00170, equation 2; "
        "scaled errors: Lei et al. 2018, doi:10.1080/01621459.2017.1307116</span></p>"
    )

    st.html(_STYLE.format("Is the difference luck?"))
    st.latex(
        r"\begin{aligned} d_t &= (p_t - \hat p_t)^2 - (p_t - p_{t-1})^2 \\"
        r"\mathrm{DM} &= \sqrt{\tfrac{n-1}{n}}\; \bar d \,/ \sqrt{\hat V(d)/n} \end{aligned}"
    )
    st.html(
        "<p class='rv-note'>The Diebold–Mariano statistic, with the correction for small samples, against Student's t "
        "with n − 1 degrees of freedom. p is the chance of a difference at least as large if both were equally good."
        "<br><span>Diebold &amp; Mariano 1995, doi:10.1080/07350015.1995.10524599; Harvey, Leybourne &amp; Newbold "
        "1997, doi:10.1016/S0169-2070(96)00719-4</span></p>"
    )
    st.html(_STYLE.format("Metrics"))
    st.latex(
        r"\begin{aligned} \mathrm{skill} &= 1 - \mathrm{RMSE} / \mathrm{RMSE}_{\mathrm{naive}} \\"
        r"\mathrm{MASE} &= \mathrm{MAE} \Big/ \tfrac{1}{m-1} \textstyle\sum_{t=2}^{m} |p_t - p_{t-1}| \end{aligned}"
    )
    st.html(
        "<p class='rv-note'>RMSE is the root of the mean squared error, MAE the mean absolute error, both in the "
        "unit of the prices. The sum runs over the m rows of the training part. Where prices have risen since, "
        "moves are larger, and MASE with them: compare it with that of yesterday's price.<br>"
        "<span>Hyndman &amp; Koehler 2006, "
        "doi:10.1016/j.ijforecast.2006.03.001</span></p>"
    )
