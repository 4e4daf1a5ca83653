"""The barest app with a control: what any Streamlit page takes to start."""

import streamlit as st

st.title("Bare")
scale = st.slider("Weight scale", 0.0, 4.0, 1.0, 0.05)
st.write(f"The scale is {scale:.2f}.")
