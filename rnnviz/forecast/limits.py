"""How much is read and modelled: sizes are bounded, so that no file can take the server down. Imports nothing."""

MODELLED = 20_000
"""Rows that a forecast is made from: the last ones."""
