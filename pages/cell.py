"""Inside a cell: every number of a step, the network over time, its weights, and a cell by hand."""

from rnnviz.ui import opened
from rnnviz.ui.cell import page

opened.page(page.body, page.trained)
