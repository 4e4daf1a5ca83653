"""The app: the only part of rnnviz that knows Streamlit."""
