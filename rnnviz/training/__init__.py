"""Training, watched: ``fit`` yields an :class:`Epoch` at a time, with all that a page shows of it.

>>> from rnnviz.race import Race
>>> from rnnviz import training
>>> for epoch in training.fit(Race(steps=200), "gru"):
...     print(epoch.number, epoch.loss)
"""
