"""What this is, and three doors, each with a live miniature."""
import streamlit as st
st.write("home")
