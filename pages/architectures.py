"""The shapes of sequence models: a gallery, each of them at work."""

from rnnviz.ui import shell
from rnnviz.ui.architectures import page

page.arrive()
shell.page(page.draw, side_bar=False, every=page.every)
