"""Attention: where a trained network looks, over one sequence and from one sequence to another."""

from rnnviz.ui import shell
from rnnviz.ui.attention import page

page.arrive()
shell.page(page.draw, side_bar=page.side_bar, every=page.every)
