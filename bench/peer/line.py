"""A slider over a line chart, the way Streamlit's guide shows it."""

import plotly.graph_objects as go
import streamlit as st
from shapes import LINES, waves

scale = st.slider("Weight scale", 0.0, 4.0, 1.0, 0.05)
figure = go.Figure(
    [go.Scatter(y=row, mode="lines", name=f"line {n}") for n, row in enumerate(waves(LINES, scale))]
)
figure.update_layout(height=420)
st.plotly_chart(figure)
