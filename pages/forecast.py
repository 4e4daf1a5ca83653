"""Upload prices, see an honest forecast."""

from rnnviz.ui import shell
from rnnviz.ui.forecast import page

page.arrive()
shell.page(page.draw, side_bar=page.side_bar, every=page.every)
