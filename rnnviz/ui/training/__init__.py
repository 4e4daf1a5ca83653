"""The training page: its settings, its buttons, and a section for each way to look at a race."""
