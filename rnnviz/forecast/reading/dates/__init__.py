"""Dates: from a column of text cells to moments, whoever wrote them and in whatever order of day and month."""
