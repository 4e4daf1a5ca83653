"""A slider over five heat maps in one figure, the way Streamlit's guide shows it."""

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots
from shapes import UNITS, waves

PANELS = 5

scale = st.slider("Weight scale", 0.0, 4.0, 1.0, 0.05)
figure = make_subplots(rows=PANELS, cols=1, shared_xaxes=True)
for panel in range(PANELS):
    heat = go.Heatmap(z=waves(UNITS, scale, phase=panel), zmin=-1, zmax=1, showscale=panel == 0)
    figure.add_trace(heat, row=panel + 1, col=1)
figure.update_layout(height=520)
st.plotly_chart(figure)
