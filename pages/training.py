"""Watch networks learn: several cells race on one task, trained in the background."""

from rnnviz.ui import shell
from rnnviz.ui.training import page

page.arrive()
shell.page(page.draw, side_bar=page.side_bar, every=page.every)
