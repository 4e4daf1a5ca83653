"""Columns: from a grid of text cells to a tidy table of prices, and what is said of the way there."""
