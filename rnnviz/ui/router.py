"""The script that Streamlit runs for every visitor: set the page up, then run the chosen one."""

from pathlib import Path

import streamlit as st

from rnnviz.ui import shell

_PAGES = Path(__file__).parents[2] / "pages"

pages = [
    st.Page(_PAGES / "home.py", title="rnnviz", icon=":material/home:", url_path="home", default=True),
    st.Page(_PAGES / "gates.py", title="Gates", icon=":material/tune:", url_path="gates"),
    st.Page(_PAGES / "states.py", title="States", icon=":material/timeline:", url_path="states"),
    st.Page(_PAGES / "gradients.py", title="Gradients", icon=":material/trending_down:", url_path="gradients"),
]

shell.frame(st.navigation(pages, position="top"))
