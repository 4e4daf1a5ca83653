"""A recurrent network of one or two units, small enough for a pocket calculator: its numbers are all there is to it.

:mod:`~rnnviz.handcell.numbers` says which numbers those are and writes them as text, :mod:`~rnnviz.handcell.presets`
has some to begin with, :mod:`~rnnviz.handcell.run` computes with them, and :mod:`~rnnviz.handcell.script` writes them
as a PyTorch script.
"""
