"""The app: `streamlit run app.py`."""

import streamlit as st

from rnnviz.ui import server

app = st.App(
    "rnnviz/ui/router.py", lifespan=server.lifespan, routes=server.routes(), middleware=server.middleware()
)
