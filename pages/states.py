"""The hidden state: its path over time, the flow that carries it and its fixed points, and a trained memory."""

from rnnviz.ui import opened
from rnnviz.ui.states import page

opened.page(page.body, page.trained)
