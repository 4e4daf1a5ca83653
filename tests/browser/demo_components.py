"""A small app with the components in it, for their tests."""

from pathlib import Path

import streamlit as st

from rnnviz.ui import assets, server

app = st.App(
    Path(__file__).with_name("demo_router.py"), routes=assets.routes(), middleware=server.middleware()
)
