"""Claims of common teaching, put to the test: each with the code that measures it, run now.

``CLAIMS`` holds them by name, ``GROUPS`` in the order of the page. ``measured(claim)`` runs the claim's snippet
once, ``code(name)`` is its text. Nothing here loads torch before a snippet does.
"""

from rnnviz.claims.cures import CURES
from rnnviz.claims.gates import GATES
from rnnviz.claims.model import VERDICTS, Chart, Claim, Line, Link, Measured, Table, Values, Verdict
from rnnviz.claims.prices import PRICES
from rnnviz.claims.run import code, known, measure, measured
from rnnviz.claims.vanishing import VANISHING
from rnnviz.claims.words import fill, number

GROUPS: dict[str, tuple[Claim, ...]] = {
    "Gradients through time": VANISHING,
    "Cures": CURES,
    "Gates and conventions": GATES,
    "Sequences and prices": PRICES,
}
"""The claims by the heading under which they stand."""

CLAIMS: dict[str, Claim] = {claim.name: claim for claims in GROUPS.values() for claim in claims}
"""Every claim by its name, in the order of the page."""

__all__ = [
    "CLAIMS",
    "GROUPS",
    "VERDICTS",
    "Chart",
    "Claim",
    "Line",
    "Link",
    "Measured",
    "Table",
    "Values",
    "Verdict",
    "code",
    "fill",
    "known",
    "measure",
    "measured",
    "number",
]
