"""A slider over six heat maps in one figure, as many as /gates draws for an LSTM, as in Streamlit's guide."""

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots
from shapes import UNITS, waves

ROWS, COLUMNS = 2, 3

scale = st.slider("Weight scale", 0.0, 4.0, 1.0, 0.05)
figure = make_subplots(rows=ROWS, cols=COLUMNS, shared_xaxes=True)
for panel in range(ROWS * COLUMNS):
    heat = go.Heatmap(z=waves(UNITS, scale, phase=panel), zmin=-1, zmax=1, showscale=panel == 0)
    figure.add_trace(heat, row=panel // COLUMNS + 1, col=panel % COLUMNS + 1)
figure.update_layout(height=460)
st.plotly_chart(figure)
