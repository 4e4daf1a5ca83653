"""A small app with a chart that only bends under its slider, for `test_swift.py`."""

from pathlib import Path

import streamlit as st

from rnnviz.ui import assets, server

app = st.App(
    Path(__file__).with_name("demo_swift_router.py"), routes=assets.routes(), middleware=server.middleware()
)
