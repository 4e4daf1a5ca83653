"""A slider over a line chart, the way Streamlit's guide does it: the lines and fits that /gradients draws."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from shapes import LINES, STEPS, waves

scale = st.slider("Weight scale", 0.0, 4.0, 1.0, 0.05)
figure = go.Figure()
t = np.arange(1, STEPS + 1)
for number, row in enumerate(waves(LINES, scale)):
    log = 0.1 * (number + 1) * (t - STEPS) + row
    slope, level = np.polyfit(t, log, 1)
    figure.add_trace(go.Scatter(x=t, y=10**log, mode="lines", name=f"line {number}"))
    figure.add_trace(
        go.Scatter(x=t, y=10 ** (slope * t + level), mode="lines", line_dash="dash", showlegend=False)
    )
figure.update_layout(height=420, yaxis_type="log")
st.plotly_chart(figure)
