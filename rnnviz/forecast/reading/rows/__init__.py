"""Rows: from the text of a file, whatever program wrote it, to a grid of text cells."""
