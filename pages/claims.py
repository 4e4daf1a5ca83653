"""Claims of common teaching, put to the test: each beside what is measured, now."""

from rnnviz.ui import claims, shell

shell.page(claims.draw, side_bar=False)
