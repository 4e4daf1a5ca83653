"""Training in the background: a store of runs, a queue, and worker processes that outlive a page, and the server.

>>> from rnnviz import runs
>>> mine = runs.default()
>>> id = mine.submit("training", race.to_spec(), owner="me")
>>> mine.get(id).state
'queued'

Without a server ``rnnviz.runs.worker.Worker(mine).once()`` computes the next run in this very process.
"""

from rnnviz.runs.door import Runs, default
from rnnviz.runs.errors import RunsError, StoreError
from rnnviz.runs.model import ACTIVE, Row, Run, State

__all__ = ["ACTIVE", "Row", "Run", "Runs", "RunsError", "State", "StoreError", "default"]
