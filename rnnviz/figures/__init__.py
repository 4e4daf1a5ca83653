"""Figures: pure functions from numbers to ``plotly.graph_objects.Figure``, without colours of a theme."""
