"""The script that Streamlit runs for every visitor: set the page up, then run the chosen one."""

from pathlib import Path

import streamlit as st

from rnnviz.ui import shell

_PAGES = Path(__file__).parents[2] / "pages"

# No icons here: Streamlit makes a page's icon its favicon, and fetches that one from outside.
pages = [
    st.Page(_PAGES / "home.py", title="rnnviz", url_path="home", default=True),
    st.Page(_PAGES / "gates.py", title="Gates", url_path="gates"),
    st.Page(_PAGES / "cell.py", title="Cell", url_path="cell"),
    st.Page(_PAGES / "states.py", title="States", url_path="states"),
    st.Page(_PAGES / "gradients.py", title="Gradients", url_path="gradients"),
    st.Page(_PAGES / "attention.py", title="Attention", url_path="attention"),
    st.Page(_PAGES / "architectures.py", title="Architectures", url_path="architectures"),
    st.Page(_PAGES / "training.py", title="Training", url_path="training"),
    st.Page(_PAGES / "forecast.py", title="Forecast", url_path="forecast"),
    st.Page(_PAGES / "claims.py", title="Claims", url_path="claims"),
]

shell.frame(st.navigation(pages, position="top"))
